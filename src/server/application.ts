import Koa from "koa";
import type { Logger } from "../health/logger.ts";
import { refusal } from "./answer.ts";
import { answerWith } from "./koa-answer.ts";
import type { Router } from "./koa-router.ts";

/** How a client shows that goes away while it is answered, or takes too long for its request, as Node has told it with 408. */
const clientsFaults = new Set([
  "EPIPE",
  "ECONNRESET",
  "ECANCELED",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ERR_HTTP_REQUEST_TIMEOUT",
]);

/** Whether the client is to blame: one of those, or what it sends is not HTTP, which Node has already told it with 400. */
function isClientsFault(error: Error): boolean {
  const code = "code" in error ? String(error.code) : "";
  return clientsFaults.has(code) || code.startsWith("HPE_");
}

/** A Koa application that answers with the given routes, and with a plain sentence where there are none. */
export function createApplication(routers: readonly Router[], logger: Logger): Koa {
  const application = new Koa();
  application.on("error", (error: Error, ctx?: Koa.Context) => {
    if (isClientsFault(error)) return;
    const { name, message, stack } = error;
    // The route rather than the path, which may hold a secret segment.
    const route: unknown = ctx?._matchedRoute;
    logger.error({ route, error: { name, message, stack } }, `could not answer a request for ${route ?? "no route"}`);
  });
  for (const router of routers) application.use(router.routes());
  application.use((ctx) => answerWith(ctx, refusal(404, "Nothing is served here.")));
  return application;
}
