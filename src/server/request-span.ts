import { type Context, context, propagation, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Context as KoaContext } from "koa";
import { attributeNames, scope } from "../telemetry/names.ts";

const tracer = trace.getTracer(scope);

/** The span of an answered request, and the context in which the runs it causes become its children. */
export interface RequestSpan {
  readonly span: Span;
  readonly context: Context;
}

/**
 * Starts the server span of a request as the child of its `traceparent`.
 * @param route the endpoint's path without its secret segment: what the request asked for may hold one
 */
export function startRequestSpan({ req, method }: KoaContext, route: string): RequestSpan {
  const parent = propagation.extract(context.active(), req.headers);
  const attributes = {
    [attributeNames.httpRequestMethod]: method,
    [attributeNames.httpRoute]: route,
    [attributeNames.urlPath]: route,
    [attributeNames.urlScheme]: "http",
  };
  const span = tracer.startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent);
  return { span, context: trace.setSpan(parent, span) };
}

/** Ends the span of a request with its answer's status code; one of 500 or more is an error (semantic conventions, HTTP). */
export function endRequestSpan({ span }: RequestSpan, status: number): void {
  span.setAttribute(attributeNames.httpResponseStatusCode, status);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
