import { createHash, randomUUID } from "node:crypto";
import type { Context } from "koa";
import { type Beat, Heartbeat } from "../../checks/heartbeat.ts";
import type { HealthMonitor } from "../../engine/monitor.ts";
import type { Endpoint } from "../../health/report.ts";
import { Secret } from "../../health/secret.ts";
import { type Answer, contentAnswer, refusal } from "../answer.ts";
import type { FailedLogins } from "../failed-logins.ts";
import { guarded, type Methods } from "../guard.ts";
import { answerWith } from "../koa-context.ts";
import { Router } from "../koa-router.ts";

/** The longest message of a job. */
const maxBytes = 10_000;

const methods: Methods = { allow: "POST, OPTIONS", answered: ["POST"], advice: "Send it with POST." };

/**
 * `POST /heartbeat/NAME`: where jobs say that they did their work. With `/start` when they begin, with `/fail` or an exit
 * code when they know how it went. Each check has a token of its own.
 */
export function heartbeatRouter(monitor: HealthMonitor, logins?: FailedLogins): Router {
  const router = new Router({ sensitive: true });
  const tokens = new Tokens(monitor);
  router.all("/heartbeat/:name{/:event}{/}", async (ctx) => {
    const { name = "", event } = ctx.params as { readonly name?: string; readonly event?: string };
    // Nobody reads the rest of it.
    if (isTooLong(ctx.request)) ctx.set("Connection", "close");
    answerWith(ctx, await answer(ctx, monitor, name, event, tokens, logins));
  });
  return router;
}

function answer(
  ctx: Context,
  monitor: HealthMonitor,
  name: string,
  event: string | undefined,
  tokens: Tokens,
  logins: FailedLogins | undefined,
): Promise<Answer> | Answer {
  const check = heartbeatNamed(monitor, name);
  const admission = {
    methods,
    // Which heartbeats there are is told to nobody who has no token.
    authentication: { bearer: check?.token ?? tokens.oneOfThem(ctx.headers.authorization) },
    logins,
    asks: "No heartbeat of this name has this token.",
    isClosedToPages: true,
  };
  return guarded(ctx.req, admission, () =>
    check === undefined
      ? refusal(404, `No heartbeat check is called ${JSON.stringify(name)}.`)
      : take(ctx, monitor, name, event),
  );
}

/** The tokens of all heartbeats together. */
class Tokens {
  readonly #monitor: HealthMonitor;
  readonly #byDigest = new Map<string, Secret>();
  /** Others whenever the checks are others. */
  #endpoints: readonly Endpoint[] | undefined;

  constructor(monitor: HealthMonitor) {
    this.#monitor = monitor;
  }

  /** The token that a request has, when it is one of them, else one that nobody has. Looked up by digest, which tells no time. */
  oneOfThem(authorization = ""): Secret {
    const { endpoints } = this.#monitor;
    if (endpoints !== this.#endpoints) {
      this.#endpoints = endpoints;
      this.#byDigest.clear();
      for (const check of this.#monitor.checks) {
        if (check instanceof Heartbeat) this.#byDigest.set(digestOf(check.token.reveal()), check.token);
      }
    }
    const given = /^bearer +(.*)$/i.exec(authorization)?.[1] ?? "";
    return this.#byDigest.get(digestOf(given)) ?? noToken;
  }
}

const noToken = new Secret(randomUUID());

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}

function heartbeatNamed(monitor: HealthMonitor, name: string): Heartbeat | undefined {
  return monitor.checks.find((check): check is Heartbeat => check instanceof Heartbeat && check.name === name);
}

async function take(ctx: Context, monitor: HealthMonitor, name: string, event: string | undefined): Promise<Answer> {
  const beat = beatOf(event);
  if (beat === undefined) {
    return refusal(404, "A heartbeat's path ends with its name, /start, /fail or an exit code from 0 to 255.");
  }
  const message = await readMessage(ctx);
  if (message === undefined) {
    return refusal(413, `A message may have ${maxBytes} bytes.`, { Connection: "close" });
  }
  // Looked up anew: while the message came, another configuration may have replaced the check.
  const check = heartbeatNamed(monitor, name);
  if (check === undefined) return refusal(404, `No heartbeat check is called ${JSON.stringify(name)} any more.`);
  check.beat(beat.kind === "failure" ? { ...beat, message } : beat);
  await monitor.renew(name);
  return contentAnswer(200, "text/plain; charset=utf-8", "ok\n");
}

/** What the end of the path says, the message aside; undefined when it says nothing. */
function beatOf(event: string | undefined): Beat | undefined {
  if (event === undefined || event === "0") return { kind: "success" };
  if (event === "start") return { kind: "start" };
  if (event === "fail") return { kind: "failure", exitCode: undefined, message: "" };
  const exitCode = /^[1-9]\d{0,2}$/.test(event) ? Number(event) : Number.NaN;
  return exitCode <= 255 ? { kind: "failure", exitCode, message: "" } : undefined;
}

/** What the job sends along; undefined when it is too much, which is known before it comes if the job says so. */
async function readMessage({ req, request }: Context): Promise<string | undefined> {
  if (isTooLong(request)) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Whether the job itself says that it sends too much. */
function isTooLong({ length }: Context["request"]): boolean {
  return length !== undefined && length > maxBytes;
}
