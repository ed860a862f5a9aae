import type { RequestListener } from "node:http";
import type { HealthMonitor } from "../engine/monitor.ts";
import { createApplication } from "./application.ts";
import { heartbeatRouter } from "./routes/heartbeat.ts";
import { indexRouter } from "./routes/index-page.ts";
import type { RequestListenerOptions } from "./serving-options.ts";

/** What the server serves besides the endpoints and the probes of the process, as a Koa application. */
export async function createOtherRoutes(
  monitor: HealthMonitor,
  options: RequestListenerOptions,
): Promise<RequestListener> {
  const metrics = await options.metrics?.();
  const others = (await options.others?.()) ?? [];
  const index = indexRouter(monitor, options, {
    ...(metrics !== undefined && { "/metrics": "all metrics, for Prometheus" }),
    "/livez": "whether this process answers",
    "/readyz": "whether it wants to be asked",
  });
  const routers = [...(metrics === undefined ? [] : [metrics]), heartbeatRouter(monitor), ...others, index];
  return createApplication(routers, monitor.logger).callback();
}
