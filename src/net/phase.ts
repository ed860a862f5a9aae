import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { tracer } from "../health/instrumentation/scope.ts";
import { redactedIn } from "../health/redaction/run-redaction.ts";

/** The parts of a call over the network, in the order in which they happen. */
export type PhaseName = "dns" | "connect" | "tls" | "first byte" | "transfer";

/**
 * Records a part of the current run as a child of its span. Costs nothing when the run is not recorded.
 * @param startedAt and endedAt: milliseconds since the epoch, with a fraction
 * @param failure what went wrong in it, when it is the one that failed
 */
export function recordPhase(name: PhaseName, startedAt: number, endedAt: number, failure?: string): void {
  if (trace.getActiveSpan()?.isRecording() !== true) return;
  const span = tracer.startSpan(name, { startTime: startedAt }, context.active());
  if (failure !== undefined) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: redactedIn(context.active(), failure) });
  }
  span.end(endedAt);
}
