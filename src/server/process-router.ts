import Router from "@koa/router";

/** `/livez`: whether this process can answer at all. It says nothing of the checks, so that a probe of it never restarts
 * a program because of what it depends on. */
export function processRouter(): Router {
  const router = new Router();
  router.get("/livez{/}", (ctx) => {
    ctx.set("Cache-Control", "no-store");
    ctx.set("Content-Type", "text/plain; charset=utf-8");
    ctx.body = "ok\n";
  });
  return router;
}
