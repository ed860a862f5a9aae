import type { Context, Middleware } from "koa";
import type { SentAnswer } from "./answer.ts";
import { EventStream } from "./events/event-stream.ts";
import { type Admission, guarded } from "./guard.ts";
import { type HealthRequest, originOf, splitTarget } from "./health-request.ts";
import { dressed } from "./pages/dressed.ts";
import { contentOf, sendAnswer } from "./send-answer.ts";

/** The request that a Koa application is answering. */
export function requestOf(ctx: Context): HealthRequest {
  const { url, originalUrl } = ctx;
  const { path, query } = splitTarget(url);
  return {
    incoming: ctx.req,
    path,
    query,
    originalPath: originalUrl === url ? path : splitTarget(originalUrl).path,
    origin: () => originOf(ctx.protocol, ctx.host),
  };
}

/** Answers a request of a Koa application, unless the client has gone in the meantime. */
export function answerWith(ctx: Context, answer: SentAnswer): void {
  if (!ctx.writable) return;
  if (answer.body instanceof EventStream) {
    // Past Koa, which would take every client that goes for an error, and past what would compress or collect the events.
    ctx.respond = false;
    sendAnswer(ctx.res, answer);
    return;
  }
  const { status, headers } = answer;
  const vary = ctx.res.getHeader("Vary");
  ctx.set(headers);
  // What the host program's answers depend on, such as the encoding, ours depend on too.
  if (vary !== undefined && headers.Vary !== undefined) ctx.set("Vary", `${vary}, ${headers.Vary}`);
  ctx.status = status;
  ctx.body = contentOf(answer);
}

/**
 * The middleware of a route: answers what the guard admits.
 * @param admission is asked anew for each request: a reload may change who is admitted
 */
export function answering(
  admission: (ctx: Context) => Admission,
  answer: (ctx: Context) => SentAnswer | Promise<SentAnswer>,
): Middleware {
  return async (ctx) => {
    const given = await guarded(ctx.req, admission(ctx), () => answer(ctx));
    answerWith(ctx, await dressed(ctx.req, given));
  };
}
