import type { IncomingMessage, ServerResponse } from "node:http";
import type { HealthMonitor } from "../engine/monitor.ts";
import type { Logger } from "../health/logger.ts";
import { nothingHere, type SentAnswer } from "./answer.ts";
import { answerError } from "./answer-error.ts";
import { ServedEndpoints } from "./endpoints/served-endpoints.ts";
import { type HealthRequest, originOf, splitTarget } from "./health-request.ts";
import { dressed } from "./pages/dressed.ts";
import { sendAnswer } from "./send-answer.ts";
import { type ServingOptions, validateServing } from "./serving-options.ts";

/** A listener for `node:http`, and a middleware for Express. */
export type HealthHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/**
 * Answers for a monitor's endpoints in a server of `node:http`, or in an Express application, where it may be mounted
 * under a path. What is not ours goes to `next`; without one it is answered with 404.
 * @throws InvalidOptionsError that names each wrong option and what is allowed
 */
export function healthHandler(monitor: HealthMonitor, options: ServingOptions = {}): HealthHandler {
  validateServing("healthHandler", monitor, options);
  const endpoints = new ServedEndpoints(monitor, options);
  return (request, response, next) => {
    const answer = endpoints.answer(requestOf(request));
    if (answer !== undefined) void send(response, answer, monitor.logger);
    else if (next !== undefined) next();
    else void send(response, dressed(request, nothingHere), monitor.logger);
  };
}

/** Never rejects: that would end the program that embeds us. */
async function send(response: ServerResponse, answer: SentAnswer | Promise<SentAnswer>, logger: Logger): Promise<void> {
  try {
    sendAnswer(response, await answer);
  } catch (error) {
    sendAnswer(response, answerError(error, undefined, logger));
  }
}

function requestOf(request: IncomingMessage): HealthRequest {
  const { url = "/" } = request;
  const { path, query } = splitTarget(url);
  const originalUrl = fromExpress(request, "originalUrl") ?? url;
  return {
    incoming: request,
    path,
    query,
    originalPath: originalUrl === url ? path : splitTarget(originalUrl).path,
    origin: () => originOf(protocolOf(request), fromExpress(request, "host") ?? request.headers.host),
  };
}

function protocolOf(request: IncomingMessage): string {
  return fromExpress(request, "protocol") ?? ("encrypted" in request.socket ? "https" : "http");
}

/** What Express adds to a request; `protocol` and `host` heed its setting `trust proxy`. */
function fromExpress(request: IncomingMessage, property: "originalUrl" | "protocol" | "host"): string | undefined {
  const value: unknown = Reflect.get(request, property);
  return typeof value === "string" ? value : undefined;
}
