import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { HealthMonitor } from "../engine/monitor.ts";
import { refusal } from "./answer.ts";
import { healthHandler, sendAnswer } from "./handler.ts";
import { splitTarget } from "./health-request.ts";
import { probeOfProcess } from "./routes/process-probes.ts";
import type { RequestListenerOptions } from "./serving-options.ts";

/**
 * Answers every request to the server: the endpoints, `/livez`, `/readyz`, `/metrics` and `/`. The endpoints come first:
 * they are what is asked for all the time. What is served by Koa is loaded when it is first asked for, so that the
 * endpoints are there sooner after the start.
 */
export function createRequestListener(monitor: HealthMonitor, options: RequestListenerOptions = {}): RequestListener {
  const { isReady = () => true } = options;
  const endpoints = healthHandler(monitor, options);
  let otherRoutes: Promise<RequestListener> | undefined;

  async function answerOther(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      otherRoutes ??= import("./other-routes.ts").then(({ createOtherRoutes }) => createOtherRoutes(monitor, options));
      (await otherRoutes)(request, response);
    } catch (error) {
      otherRoutes = undefined; // The next request tries anew.
      monitor.logger.error({ error: String(error) }, "could not load what is served besides the endpoints");
      sendAnswer(response, refusal(500, "The answer could not be made. The server's log tells why."));
    }
  }

  return (request, response) => {
    endpoints(request, response, () => {
      const { path } = splitTarget(request.url ?? "/");
      const probed = probeOfProcess(path, request.method ?? "", isReady);
      if (probed === undefined) void answerOther(request, response);
      else sendAnswer(response, probed);
    });
  };
}
