import { type SpanContext, TraceFlags } from "@opentelemetry/api";

/** Spans of whose traces it is not certain that they are kept. */
const dropped = new WeakSet<SpanContext>();

/** Takes note that the span may lead nowhere: nobody is to be told of its trace. */
export function markDropped(spanContext: SpanContext): void {
  dropped.add(spanContext);
}

/**
 * Whether the span was recorded here and is kept, so that its trace can be looked up. To be asked once it has ended.
 * Where nothing is recorded, the API hands the caller's own context on, which is remote: whether that was recorded, and
 * where, nobody here knows.
 */
export function isRecorded(spanContext: SpanContext): boolean {
  return (
    (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0 && spanContext.isRemote !== true && !dropped.has(spanContext)
  );
}
