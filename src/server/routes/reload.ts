import { contentAnswer } from "../answer.ts";
import { type Authentication, challenge, isAuthorized } from "../authentication.ts";
import { answerWith } from "../koa-answer.ts";
import { Router } from "../koa-router.ts";

/** Loads the configuration anew; what is wrong with it, when it is invalid. */
export type Reload = () => Promise<{ readonly ok: true } | { readonly ok: false; readonly message: string }>;

/**
 * `POST /-/reload`, the path that Prometheus has for it: loads the configuration anew, and answers when it is taken, or with 500
 * and what is wrong.
 * @param who may ask, read anew for each request; undefined: everybody
 */
export function reloadRouter(reload: Reload, who: () => Authentication | undefined): Router {
  const router = new Router({ sensitive: true });
  router.all("/-/reload", async (ctx) => {
    const authentication = who();
    if (authentication !== undefined && !isAuthorized(authentication, ctx.get("Authorization"))) {
      ctx.set("WWW-Authenticate", challenge(authentication));
      answerWith(ctx, contentAnswer(401, "text/plain; charset=utf-8", "Reloading asks for credentials.\n"));
    } else if (ctx.method !== "POST") {
      ctx.set("Allow", "POST");
      answerWith(ctx, contentAnswer(405, "text/plain; charset=utf-8", "Ask with POST.\n"));
    } else {
      const outcome = await reload();
      const text = outcome.ok ? "The configuration was loaded anew.\n" : `${outcome.message}\n`;
      answerWith(ctx, contentAnswer(outcome.ok ? 200 : 500, "text/plain; charset=utf-8", text));
    }
  });
  return router;
}
