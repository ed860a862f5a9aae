import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Reason } from "../health/errors.ts";
import { tracer } from "../health/instrumentation/scope.ts";
import { redactedIn } from "../health/redaction/run-redaction.ts";

/** The parts of a call over the network, in the order in which they happen. */
export type PhaseName = "dns" | "connect" | "tls" | "first byte" | "transfer";

/** Why a phase failed. */
export interface PhaseFailure {
  readonly message: string;
  readonly reason: Reason;
}

/** As `telemetry/names.ts` has it, which only what records runs may import. */
const errorType = "error.type";

/**
 * Records a part of the current run as a child of its span. Costs nothing when the run is not recorded.
 * @param startedAt and endedAt: milliseconds since the epoch, with a fraction
 * @param failure what went wrong in it, when it is the one that failed
 */
export function recordPhase(name: PhaseName, startedAt: number, endedAt: number, failure?: PhaseFailure): void {
  if (trace.getActiveSpan()?.isRecording() !== true) return;
  const span = tracer.startSpan(name, { startTime: startedAt }, context.active());
  if (failure !== undefined) {
    span.setAttribute(errorType, failure.reason);
    span.setStatus({ code: SpanStatusCode.ERROR, message: redactedIn(context.active(), failure.message) });
  }
  span.end(endedAt);
}

/**
 * Why a phase failed that was under way when the run was aborted.
 * @param reason that of the signal: at the run's time-out an error that says so by its name, as `AbortSignal.timeout()` does
 */
export function abortedPhase(reason: unknown): PhaseFailure {
  if (!(reason instanceof Error)) return { message: "aborted", reason: "unknown" };
  return { message: reason.message, reason: reason.name === "TimeoutError" ? "timeout" : "unknown" };
}
