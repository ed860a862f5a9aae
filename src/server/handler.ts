import type { IncomingMessage, ServerResponse } from "node:http";
import type { HealthMonitor } from "../engine/monitor.ts";
import { type Answer, refusal } from "./answer.ts";
import { ServedEndpoints } from "./endpoints/served-endpoints.ts";
import { originOf, splitTarget } from "./health-request.ts";
import type { ServingOptions } from "./serving-options.ts";

/** A listener for `node:http`, and a middleware for Express. */
export type HealthHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/**
 * Answers for a monitor's endpoints in a server of `node:http`, or in an Express application, where it may be mounted
 * under a path. What is not ours goes to `next`; without one it is answered with 404.
 */
export function healthHandler(monitor: HealthMonitor, options: ServingOptions = {}): HealthHandler {
  const endpoints = new ServedEndpoints(monitor, options);
  return (request, response, next) => {
    const { url = "/" } = request;
    const { path, query } = splitTarget(url);
    const originalUrl = fromExpress(request, "originalUrl") ?? url;
    const answer = endpoints.answer(path, {
      incoming: request,
      query,
      originalPath: originalUrl === url ? path : splitTarget(originalUrl).path,
      origin: () => originOf(protocolOf(request), fromExpress(request, "host") ?? request.headers.host),
    });
    if (answer instanceof Promise) void answer.then((made) => sendAnswer(response, made));
    else if (answer !== undefined) sendAnswer(response, answer);
    else if (next !== undefined) next();
    else sendAnswer(response, refusal(404, "Nothing is served here."));
  };
}

/** An answer of this length or more, which may be sent to many, is encoded only once. */
const longBody = 16_384;
const encodedBodies = new WeakMap<Answer, Buffer>();

function contentOf(answer: Answer): string | Buffer {
  const { body } = answer;
  if (body.length < longBody) return body;
  let encoded = encodedBodies.get(answer);
  if (encoded === undefined) {
    encoded = Buffer.from(body);
    encodedBodies.set(answer, encoded);
  }
  return encoded;
}

/** Sends an answer, unless the client has gone in the meantime. */
export function sendAnswer(response: ServerResponse, answer: Answer): void {
  const { status, headers } = answer;
  if (response.destroyed || response.headersSent) return;
  const vary = response.getHeader("Vary");
  // What the host program's answers depend on, such as the encoding, ours depend on too.
  response.writeHead(status, vary === undefined ? headers : { ...headers, Vary: `${vary}, ${headers.Vary}` });
  response.end(contentOf(answer));
}

function protocolOf(request: IncomingMessage): string {
  return fromExpress(request, "protocol") ?? ("encrypted" in request.socket ? "https" : "http");
}

/** What Express adds to a request; `protocol` and `host` heed its setting `trust proxy`. */
function fromExpress(request: IncomingMessage, property: "originalUrl" | "protocol" | "host"): string | undefined {
  const value: unknown = Reflect.get(request, property);
  return typeof value === "string" ? value : undefined;
}
