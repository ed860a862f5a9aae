import { type SpanContext, TraceFlags } from "@opentelemetry/api";

/** Spans of whose traces it is not certain that they are kept. */
const dropped = new WeakSet<SpanContext>();

/** Marks a span whose trace may not be kept: nothing may link to it. */
export function markDropped(spanContext: SpanContext): void {
  dropped.add(spanContext);
}

/**
 * Whether the span was recorded here and is kept, so that its trace can be looked up. To be asked once it has ended.
 * Where nothing is recorded, the API passes the caller's own context on, which is remote: whether and where that was
 * recorded is not known here.
 */
export function isRecorded(spanContext: SpanContext): boolean {
  return (
    (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0 && spanContext.isRemote !== true && !dropped.has(spanContext)
  );
}
