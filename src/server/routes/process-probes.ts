import { contentAnswer, refusal } from "../answer.ts";
import { probedMethods } from "../guard.ts";
import { answering } from "../koa-context.ts";
import { Router } from "../koa-router.ts";

/**
 * The probes of the process itself. `/livez`: whether it can answer at all. It says nothing of the checks, so that a
 * probe of it never restarts a program because of what it depends on. `/readyz`: whether it wants to be asked, which it
 * does until it is about to stop.
 */
export function processRouter(isReady: () => boolean): Router {
  const router = new Router({ sensitive: true });
  const admission = () => ({ methods: probedMethods });
  const ok = contentAnswer(200, "text/plain; charset=utf-8", "ok\n");
  const stopping = refusal(503, "This server is about to stop.");
  router.all(
    "/livez{/}",
    answering(admission, () => ok),
  );
  router.all(
    "/readyz{/}",
    answering(admission, () => (isReady() ? ok : stopping)),
  );
  return router;
}
