import { type Attributes, context, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Reason } from "../health/errors.ts";
import { tracer } from "../health/instrumentation/scope.ts";
import { redactedAttributesIn, redactedIn } from "../health/redaction/run-redaction.ts";
import { factNames } from "./spans/span-facts.ts";

/** The parts of a call over the network, in the order in which they happen. */
export type PhaseName = "dns" | "connect" | "tls" | "first byte" | "transfer";

/** Why a phase failed. */
export interface PhaseFailure {
  readonly message: string;
  readonly reason: Reason;
}

/** A try to connect to one of several addresses. Times are milliseconds since the epoch, with a fraction. */
export interface Attempt {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly facts: Attributes;
  readonly failure: PhaseFailure | undefined;
}

/** What else is known of a phase. */
export interface PhaseDetails {
  readonly facts?: Attributes | undefined;
  /** They become its children. */
  readonly attempts?: readonly Attempt[] | undefined;
}

/**
 * Records a part of the current run as a child of its span. Costs nothing when the run is not recorded.
 * @param startedAt and endedAt: milliseconds since the epoch, with a fraction
 * @param failure what went wrong in it, when it is the one that failed
 * @param details what else its span says
 */
export function recordPhase(
  name: PhaseName,
  startedAt: number,
  endedAt: number,
  failure?: PhaseFailure,
  { facts = {}, attempts = [] }: PhaseDetails = {},
): void {
  const active = context.active();
  if (trace.getSpan(active)?.isRecording() !== true) return;
  const options = { startTime: startedAt, attributes: redactedAttributesIn(active, facts) };
  const span = tracer.startSpan(name, options, active);
  for (const attempt of attempts) recordAttempt(attempt, span);
  failSpan(span, failure);
  span.end(endedAt);
}

function recordAttempt({ startedAt, endedAt, facts, failure }: Attempt, phase: Span): void {
  const active = context.active();
  const options = { startTime: startedAt, attributes: redactedAttributesIn(active, facts) };
  const span = tracer.startSpan("attempt", options, trace.setSpan(active, phase));
  failSpan(span, failure);
  span.end(endedAt);
}

/** Says on the span of a part of the current run that it failed, and why. */
export function failSpan(span: Span, failure: PhaseFailure | undefined): void {
  if (failure === undefined) return;
  span.setAttribute(factNames.errorType, failure.reason);
  span.setStatus({ code: SpanStatusCode.ERROR, message: redactedIn(context.active(), failure.message) });
}

/**
 * Why a phase failed that was under way when the run was aborted.
 * @param reason that of the signal: at the run's time-out an error that says so by its name, as `AbortSignal.timeout()` does
 */
export function abortedPhase(reason: unknown): PhaseFailure {
  if (!(reason instanceof Error)) return { message: "aborted", reason: "unknown" };
  return { message: reason.message, reason: reason.name === "TimeoutError" ? "timeout" : "unknown" };
}
