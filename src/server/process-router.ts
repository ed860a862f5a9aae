import { contentAnswer, headerAnswer, refusal } from "./answer.ts";
import { answerWith } from "./koa-answer.ts";
import { Router } from "./koa-router.ts";

const allow = { Allow: "GET, HEAD, OPTIONS" };

/**
 * `/livez`: whether this process can answer at all. It says nothing of the checks, so that a probe of it never restarts
 * a program because of what it depends on. `/readyz`: whether it wants to be asked, which it does until it is about to stop.
 */
export function processRouter(isReady: () => boolean): Router {
  const router = new Router({ sensitive: true });
  const probe = (path: string, isWell: () => boolean, sentence: string): void => {
    router.all(path, (ctx) => {
      if (ctx.method === "OPTIONS") answerWith(ctx, headerAnswer(204, allow));
      else if (ctx.method !== "GET" && ctx.method !== "HEAD")
        answerWith(ctx, refusal(405, "Ask with GET or HEAD.", allow));
      else if (isWell()) answerWith(ctx, contentAnswer(200, "text/plain; charset=utf-8", "ok\n"));
      else answerWith(ctx, refusal(503, sentence));
    });
  };
  probe("/livez", () => true, "");
  probe("/readyz", isReady, "This server is about to stop.");
  return router;
}
