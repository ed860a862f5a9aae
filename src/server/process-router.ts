import Router from "@koa/router";
import { type Answer, contentAnswer, headerAnswer, refusal } from "./answer.ts";
import { answerWith } from "./koa-answer.ts";

const allow = { Allow: "GET, HEAD, OPTIONS" };

/**
 * `/livez`: whether this process can answer at all. It says nothing of the checks, so that a probe of it never restarts
 * a program because of what it depends on.
 */
export function processRouter(): Router {
  const router = new Router({ sensitive: true });
  router.all("/livez", (ctx) => answerWith(ctx, answer(ctx.method)));
  return router;
}

function answer(method: string): Answer {
  if (method === "GET" || method === "HEAD") return contentAnswer(200, "text/plain; charset=utf-8", "ok\n");
  return method === "OPTIONS" ? headerAnswer(204, allow) : refusal(405, "Ask with GET or HEAD.", allow);
}
