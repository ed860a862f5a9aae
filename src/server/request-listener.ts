import type { RequestListener } from "node:http";
import type { HealthMonitor } from "../engine/monitor.ts";
import { createApplication } from "./application.ts";
import { healthHandler } from "./handler.ts";
import { heartbeatRouter } from "./heartbeat-router.ts";
import { indexRouter } from "./index-router.ts";
import type { Router } from "./koa-router.ts";
import { processRouter } from "./process-router.ts";
import type { ServingOptions } from "./served-endpoints.ts";

/** What the server serves besides the endpoints. */
export interface RequestListenerOptions extends ServingOptions {
  /** The route of `/metrics`. */
  readonly metrics?: Router | undefined;
  /** What else the program serves. */
  readonly others?: readonly Router[];
  /** Whether `/readyz` says that requests are welcome. Default: always. */
  readonly isReady?: () => boolean;
}

/**
 * Answers every request to the server: the endpoints, `/livez`, `/metrics` and `/`. The endpoints come before Koa, which
 * takes the rest: they are what is asked for all the time.
 */
export function createRequestListener(monitor: HealthMonitor, options: RequestListenerOptions = {}): RequestListener {
  const { metrics, isReady = () => true } = options;
  const others = {
    ...(metrics !== undefined && { "/metrics": "all metrics, for Prometheus" }),
    "/livez": "whether this process answers",
    "/readyz": "whether it wants to be asked",
  };
  const routers = [
    processRouter(isReady),
    ...(metrics === undefined ? [] : [metrics]),
    heartbeatRouter(monitor),
    ...(options.others ?? []),
    indexRouter(monitor, options, others),
  ];
  const application = createApplication(routers, monitor.logger).callback();
  const endpoints = healthHandler(monitor, options);
  return (request, response) => endpoints(request, response, () => void application(request, response));
}
