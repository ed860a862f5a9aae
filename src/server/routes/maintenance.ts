import type { IncomingMessage } from "node:http";
import type { Context } from "koa";
import { type Answer, contentAnswer, refusal } from "../answer.ts";
import type { Authentication } from "../authentication.ts";
import type { FailedLogins } from "../failed-logins.ts";
import type { Methods } from "../guard.ts";
import { answering } from "../koa-context.ts";
import { Router } from "../koa-router.ts";

/** What became of a request: what to answer, or why not. */
export type MaintenanceOutcome =
  | { readonly status: 200 | 201; readonly content: object }
  | { readonly status: 400 | 404 | 409; readonly message: string };

/** Begins, ends and lists maintenance. The requests are what clients sent, not looked at yet. */
export interface MaintenanceDesk {
  list(): object;
  begin(request: unknown): MaintenanceOutcome;
  end(request: unknown): MaintenanceOutcome;
}

/** More than the names of ten thousand checks. */
const maxBodyBytes = 1024 ** 2;

const listed: Methods = {
  allow: "GET, HEAD, POST, OPTIONS",
  answered: ["GET", "HEAD", "POST"],
  advice: "Ask with GET for what is under way, or begin a maintenance with POST.",
};
const ended: Methods = { allow: "POST, OPTIONS", answered: ["POST"], advice: "End a maintenance with POST." };

/**
 * `GET /-/maintenance` lists what is under way and what comes next, `POST /-/maintenance` begins a maintenance, and
 * `POST /-/maintenance/end` ends some. Bodies are JSON.
 * @param authentication who may ask, read anew for each request
 */
export function maintenanceRouter(
  desk: MaintenanceDesk,
  authentication: () => Authentication,
  logins?: FailedLogins,
): Router {
  const router = new Router({ sensitive: true });
  const admission = (methods: Methods) => () => ({
    methods,
    authentication: authentication(),
    logins,
    asks: "Maintenance asks for credentials.",
    isClosedToPages: true,
  });
  router.all(
    "/-/maintenance{/}",
    answering(admission(listed), (ctx) =>
      ctx.method === "POST" ? take(ctx, (request) => desk.begin(request)) : jsonAnswer(200, desk.list()),
    ),
  );
  router.all(
    "/-/maintenance/end{/}",
    answering(admission(ended), (ctx) => take(ctx, (request) => desk.end(request))),
  );
  return router;
}

async function take(ctx: Context, act: (request: unknown) => MaintenanceOutcome): Promise<Answer> {
  const body = await readBody(ctx.req);
  if (body === undefined) {
    ctx.set("Connection", "close"); // Nobody reads the rest of it.
    return refusal(413, "The body is too long: it must have at most 1 MiB.");
  }
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch {
    return refusal(
      400,
      'The body must be JSON, such as {"title": "Database upgrade", "checks": ["database"], "for": "2h"}.',
    );
  }
  const outcome = act(request);
  return "content" in outcome ? jsonAnswer(outcome.status, outcome.content) : refusal(outcome.status, outcome.message);
}

function jsonAnswer(status: number, content: object): Answer {
  return contentAnswer(status, "application/json; charset=utf-8", `${JSON.stringify(content)}\n`);
}

/** @returns undefined when it is longer than allowed */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
