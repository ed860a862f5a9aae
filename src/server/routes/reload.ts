import { contentAnswer } from "../answer.ts";
import type { Authentication } from "../authentication.ts";
import type { FailedLogins } from "../failed-logins.ts";
import type { Methods } from "../guard.ts";
import { answering } from "../koa-context.ts";
import { Router } from "../koa-router.ts";

/** Loads the configuration anew; what is wrong with it, when it is invalid. */
export type Reload = () => Promise<{ readonly ok: true } | { readonly ok: false; readonly message: string }>;

const methods: Methods = { allow: "POST", answered: ["POST"], advice: "Ask with POST." };

/**
 * `POST /-/reload`, the path that Prometheus has for it: loads the configuration anew, and answers when it is taken, or with 500
 * and what is wrong.
 * @param authentication who may ask, read anew for each request; undefined: everybody
 */
export function reloadRouter(
  reload: Reload,
  authentication: () => Authentication | undefined,
  logins?: FailedLogins,
): Router {
  const router = new Router({ sensitive: true });
  router.all(
    "/-/reload",
    answering(
      () => ({
        methods,
        authentication: authentication(),
        logins,
        asks: "Reloading asks for credentials.",
        isClosedToPages: true,
      }),
      async () => {
        const outcome = await reload();
        const text = outcome.ok ? "The configuration was reloaded.\n" : `${outcome.message}\n`;
        return contentAnswer(outcome.ok ? 200 : 500, "text/plain; charset=utf-8", text);
      },
    ),
  );
  return router;
}
