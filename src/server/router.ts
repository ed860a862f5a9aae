import Router from "@koa/router";
import type { Context } from "koa";
import type { HealthMonitor } from "../engine/monitor.ts";
import { formats } from "../formats/index.ts";
import { type Choice, negotiate } from "../formats/negotiate.ts";
import type { Endpoint } from "../health/report.ts";
import { type Authentication, challenge, isAuthorized } from "./authentication.ts";
import { EndpointAnswers } from "./endpoint-answers.ts";
import { endRequestSpan, startRequestSpan } from "./request-span.ts";

export interface HealthRouterOptions {
  /** Who may read an endpoint, by its path. Default: everybody. */
  readonly authentication?: ReadonlyMap<string, Authentication>;
}

/** The routes of a monitor's endpoints, to mount in a Koa application. */
export function healthRouter(monitor: HealthMonitor, { authentication }: HealthRouterOptions = {}): Router {
  const router = new Router();
  // The longest path first: `/health/node/` is an endpoint before it is a check of `/health/`.
  for (const endpoint of monitor.endpoints.toSorted((a, b) => b.path.length - a.path.length)) {
    const authorization = authentication?.get(endpoint.path);
    const secretSegment =
      authorization !== undefined && "path" in authorization
        ? `${encodeURIComponent(authorization.path.reveal())}/`
        : "";
    serve(router, monitor, endpoint, endpoint.path + secretSegment, authorization);
  }
  return router;
}

function serve(
  router: Router,
  monitor: HealthMonitor,
  endpoint: Endpoint,
  servedPath: string,
  authorization: Authentication | undefined,
): void {
  const whole = new EndpointAnswers(monitor, endpoint);
  const single = new Map(
    endpoint.checks.map((name) => [name, new EndpointAnswers(monitor, { ...endpoint, checks: [name] })]),
  );
  const withoutSlash = escapePath(servedPath.replace(/\/$/, ""));
  router.all(`${withoutSlash}{/:check}{/}`, async (ctx) => {
    const name = ctx.params.check;
    const answers = name === undefined ? whole : single.get(name);
    if (authorization !== undefined && !isAuthorized(authorization, ctx.get("Authorization"))) {
      ctx.set("WWW-Authenticate", challenge(authorization));
      refuse(ctx, 401, "This endpoint asks for credentials.");
    } else if (answers === undefined) {
      refuse(ctx, 404, `No check of ${endpoint.path} is called "${name}".`);
    } else {
      await respond(ctx, answers, name === undefined ? endpoint.path : `${endpoint.path}${encodeURIComponent(name)}/`);
    }
  });
}

async function respond(ctx: Context, answers: EndpointAnswers, path: string): Promise<void> {
  ctx.set("Cache-Control", "no-store");
  ctx.set("Vary", "Accept");
  if (ctx.method === "OPTIONS") {
    ctx.set("Allow", "GET, HEAD, OPTIONS");
    ctx.status = 204;
    return;
  }
  if (ctx.method !== "GET" && ctx.method !== "HEAD") {
    ctx.set("Allow", "GET, HEAD, OPTIONS");
    refuse(ctx, 405, "Ask with GET or HEAD.");
    return;
  }
  const choice = choose(ctx);
  if (choice === undefined) return;
  const request = startRequestSpan(ctx, path);
  try {
    const answer = await answers.answer(choice, `${ctx.origin}${path}`, () => ({
      context: request.context,
      joined: (run) => request.span.addLink({ context: run }),
    }));
    ctx.status = answer.status;
    ctx.set("Content-Type", choice.offer.contentType);
    ctx.body = answer.body;
  } finally {
    endRequestSpan(request, ctx.status);
  }
}

/** The format that the request asks for; without one, the request is answered with what it could have asked for. */
function choose(ctx: Context): Choice | undefined {
  const { format: named } = ctx.query;
  if (named === undefined) {
    const choice = negotiate(formats, ctx.headers.accept);
    if (choice === undefined) {
      const types = formats.flatMap(({ offers }) => offers.map(({ mediaType }) => mediaType));
      refuse(ctx, 406, `Nothing here is acceptable. There is ${types.join(", ")}.`);
    }
    return choice;
  }
  const format = formats.find(({ name }) => name === named);
  if (format !== undefined) return { format, offer: format.offers[0] };
  refuse(ctx, 400, `There is no format "${named}". There is ${formats.map(({ name }) => name).join(", ")}.`);
  return undefined;
}

function refuse(ctx: Context, status: number, message: string): void {
  ctx.status = status;
  ctx.set("Content-Type", "text/plain; charset=utf-8");
  ctx.body = `${message}\n`;
}

/** Takes from a path what `path-to-regexp` would read as its own. */
function escapePath(path: string): string {
  return path.replaceAll(/[{}()[\]+?!:*\\]/g, "\\$&");
}
