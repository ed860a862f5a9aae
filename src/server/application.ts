import type Router from "@koa/router";
import Koa from "koa";
import type { Logger } from "../health/logger.ts";

/** What an answer meets with when its reader goes away. */
const clientLeft = new Set<unknown>(["EPIPE", "ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE"]);

/** A Koa application that answers with the given routes, and with a plain sentence where there are none. */
export function createApplication(routers: readonly Router[], logger: Logger): Koa {
  const application = new Koa();
  application.on("error", (error: Error & { status?: number }) => {
    // A client that went away while it was being answered is nothing to tell of.
    if ("code" in error && clientLeft.has(error.code)) return;
    logger.error({ error: { name: error.name, message: error.message, stack: error.stack } }, "a request failed");
  });
  for (const router of routers) application.use(router.routes());
  application.use((ctx) => {
    ctx.status = 404;
    ctx.set("Content-Type", "text/plain; charset=utf-8");
    ctx.body = "Nothing is served here.\n";
  });
  return application;
}
