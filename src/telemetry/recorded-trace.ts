import { type SpanContext, TraceFlags } from "@opentelemetry/api";

/**
 * Whether the span was recorded here, so that its trace can be looked up. Where nothing is recorded, the API hands the
 * caller's own context on, which is remote: whether that was recorded, and where, nobody here knows.
 */
export function isRecorded(spanContext: SpanContext): boolean {
  return (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0 && spanContext.isRemote !== true;
}
