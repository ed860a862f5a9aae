import type { HealthMonitor } from "../engine/monitor.ts";
import { ServedEndpoints } from "./endpoints/served-endpoints.ts";
import { answerWith, requestOf } from "./koa-context.ts";
import { Router } from "./koa-router.ts";
import { type ServingOptions, validateServing } from "./serving-options.ts";

/**
 * The routes of a monitor's endpoints, to mount in a Koa application: `application.use(router.routes())`, also under a
 * prefix, or within another router. An endpoint that the monitor is given later has no route.
 * @throws InvalidOptionsError that names each wrong option and what is allowed
 */
export function healthRouter(monitor: HealthMonitor, options: ServingOptions = {}): Router {
  validateServing("healthRouter", monitor, options);
  const router = new Router({ sensitive: true });
  const endpoints = new ServedEndpoints(monitor, options);
  // The longest path first: `/health/node/` is an endpoint before it is a check of `/health/`.
  for (const { path } of monitor.endpoints.toSorted((a, b) => b.path.length - a.path.length)) {
    const authentication = options.authentication?.get(path);
    // The secret is compared in constant time, and shows in no route that a host program may publish.
    const secret = authentication !== undefined && "path" in authentication ? "/:secret" : "";
    router.all(`${escapePath(path.slice(0, -1))}${secret}{/:check}`, async (ctx, next) => {
      // Undecoded, unlike `ctx.params`. What an optional group did not match is undefined, whatever the type says.
      const captures: readonly (string | undefined)[] = ctx.captures ?? [];
      const segments = captures.filter((capture) => capture !== undefined);
      const answer = endpoints.answer({ ...requestOf(ctx), path: [path.slice(0, -1), ...segments].join("/") });
      if (answer === undefined) await next();
      else answerWith(ctx, await answer);
    });
  }
  return router;
}

/** Takes from a path what `path-to-regexp` would read as its own. */
function escapePath(path: string): string {
  return path.replaceAll(/[{}()[\]+?!:*\\]/g, "\\$&");
}
