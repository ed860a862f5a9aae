import { type Context, propagation, trace } from "@opentelemetry/api";

/**
 * The context that a run takes place in: that of its caller without the caller's baggage and `tracestate`, which are not meant for
 * the targets of checks, and which every instrumented client would send there.
 */
export function parentOfRun(caller: Context): Context {
  const parent = propagation.getBaggage(caller) === undefined ? caller : propagation.deleteBaggage(caller);
  const spanContext = trace.getSpanContext(parent);
  if (spanContext?.traceState === undefined) return parent;
  const { traceState: _, ...bare } = spanContext;
  return trace.setSpanContext(parent, bare);
}
