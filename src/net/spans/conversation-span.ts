import { type Attributes, context, SpanKind, trace } from "@opentelemetry/api";
import { failureOf } from "../../health/failure.ts";
import { tracer } from "../../health/instrumentation/scope.ts";
import { redactedAttributesIn } from "../../health/redaction/run-redaction.ts";
import { abortedPhase, failSpan, type PhaseFailure } from "../phase.ts";
import { takeFactsOf, tellSpan } from "./span-facts.ts";

/** The reason of a signal that ends something which others have made needless: that is no failure. */
export class NoLongerNeeded extends Error {
  override readonly name = "NoLongerNeeded";
}

/**
 * Holds one of several conversations of a run. It has a CLIENT span of its own, a child of the run's, which is the active span
 * meanwhile.
 * @param facts what the span says from the start, and again at the end, when more may be known
 * @param signal at which the span ends at once
 * @param talk may say that the conversation failed although nothing is thrown
 */
export async function inConversation<Result>(
  name: string,
  facts: () => Attributes,
  signal: AbortSignal,
  talk: (fail: (failure: PhaseFailure) => void) => Promise<Result>,
): Promise<Result> {
  const active = context.active();
  if (trace.getSpan(active)?.isRecording() !== true) return talk(() => {});
  const options = { kind: SpanKind.CLIENT, attributes: redactedAttributesIn(active, facts()) };
  const span = tracer.startSpan(name, options, active);
  const own = trace.setSpan(active, span);
  const fail = (failure: PhaseFailure): void => context.with(own, failSpan, undefined, span, failure);
  const endWith = (error: unknown): void => {
    tellSpan({ ...facts(), ...takeFactsOf(error) }, own);
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    if (!(error instanceof NoLongerNeeded)) {
      fail(timedOut ? abortedPhase(error) : failureOf(error, (text) => text));
    }
    span.end();
  };
  const abort = (): void => endWith(signal.reason);
  try {
    const talking = context.with(own, talk, undefined, fail);
    signal.addEventListener("abort", abort); // After those of the conversation itself, which still say where it was.
    const result = await talking;
    tellSpan(facts(), own);
    span.end();
    return result;
  } catch (error) {
    if (span.isRecording()) endWith(error);
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
