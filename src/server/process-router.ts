import Router from "@koa/router";

/**
 * `/livez`: whether this process can answer at all. It says nothing of the checks, so that a probe of it never restarts
 * a program because of what it depends on.
 */
export function processRouter(): Router {
  const router = new Router({ sensitive: true });
  router.all("/livez", (ctx) => {
    const probed = ctx.method === "GET" || ctx.method === "HEAD";
    ctx.set("Cache-Control", "no-store");
    ctx.set("X-Content-Type-Options", "nosniff");
    ctx.set("Content-Type", "text/plain; charset=utf-8");
    if (!probed) ctx.set("Allow", "GET, HEAD, OPTIONS");
    if (ctx.method === "OPTIONS") {
      ctx.status = 204;
    } else {
      ctx.status = probed ? 200 : 405;
      ctx.body = probed ? "ok\n" : "Ask with GET or HEAD.\n";
    }
  });
  return router;
}
