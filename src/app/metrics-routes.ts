import type { Authentication } from "../server/authentication.ts";
import type { FailedLogins } from "../server/failed-logins.ts";
import type { Router } from "../server/koa-router.ts";
import type { Telemetry } from "../telemetry/setup.ts";

/** What serves `/metrics`. It is loaded, with the OpenTelemetry SDK, when it is first asked for. */
export async function metricsRoutes(
  telemetry: Telemetry,
  admission: { readonly authentication: () => ReadonlyMap<string, Authentication>; readonly logins: FailedLogins },
): Promise<Router> {
  const [{ metricsRouter }, prometheus] = await Promise.all([
    import("../server/routes/metrics.ts"),
    telemetry.load().then(() => telemetry.prometheus),
  ]);
  if (prometheus === undefined) throw new Error("the telemetry was started without a reader for Prometheus");
  const { authentication, logins } = admission;
  return metricsRouter(prometheus, {
    logins,
    get authentication() {
      return authentication().get("/metrics");
    },
  });
}
