import type { Exemplar } from "../../health/report.ts";
import { numberText } from "./number-text.ts";

/** An exemplar behind its value. Its labels have 63 of the 128 characters that OpenMetrics 1.0 allows. */
export function exemplarText({ traceId, spanId, value, timestampSeconds }: Exemplar): string {
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${numberText(value)} ${timestampSeconds.toFixed(3)}`;
}
