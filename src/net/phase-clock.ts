import { type Attributes, context, trace } from "@opentelemetry/api";
import { failureOf } from "../health/failure.ts";
import type { ProbeStep, ProbeTerms } from "../health/probe-terms.ts";
import {
  type Attempt,
  abortedPhase,
  type PhaseDetails,
  type PhaseFailure,
  type PhaseName,
  recordPhase,
} from "./phase.ts";
import { factNames, factsOfStep, maxToldAnswers, peerFacts, tellSpan } from "./spans/span-facts.ts";

/** A try to connect that may go on. */
type OpenAttempt = Pick<Attempt, "startedAt" | "facts" | "failure"> & { readonly endedAt?: number };

/**
 * Measures the successive phases of one run, records each as it ends, and says on the run's span what it finds out. To be made
 * while the run's span is active; whatever calls it later may be in any context.
 */
export class PhaseClock {
  readonly #context = context.active();
  readonly #recording = trace.getSpan(this.#context)?.isRecording() === true;
  /** What makes a time since the epoch, with its fraction, of one on the monotonic clock. */
  readonly #offset = Date.now() - performance.now();
  #phase: PhaseName | undefined;
  #since = 0;
  /** What the phases since the last lookup or connection have in common: who is at the other end. */
  #peer: Attributes | undefined;
  #answers: readonly string[] | undefined;
  #attempts: readonly OpenAttempt[] = [];
  readonly #observe: ProbeTerms["observe"];

  /** @param observe takes what happens, when a probe wants to know */
  constructor(observe?: ProbeTerms["observe"]) {
    this.#observe = observe;
  }

  /** The phase that is under way. */
  get phase(): PhaseName | undefined {
    return this.#phase;
  }

  /** Ends the phase that is under way, if there is one, and begins another. */
  begin(phase: PhaseName): void {
    const now = performance.now();
    this.#record(now);
    if (phase === "dns" || phase === "connect") this.#peer = undefined;
    this.#phase = phase;
    this.#since = now;
    this.#observe?.({ kind: "phase", phase });
  }

  /** Takes what the run meets on its way: for the probe, if there is one, and for the run's span. */
  tell(step: ProbeStep): void {
    this.#observe?.(step);
    if (!this.#recording) return;
    if (step.kind === "addresses") this.#answers = step.addresses.slice(0, maxToldAnswers);
    if (step.kind === "attempt" && this.#phase === "connect") {
      const facts = peerFacts(step.address, step.port);
      this.#attempts = [...this.#attempts, { startedAt: performance.now() + this.#offset, facts, failure: undefined }];
    }
    const facts = factsOfStep(step);
    if (step.kind === "connection") this.#peer = facts;
    if (facts !== undefined) tellSpan(facts, this.#context);
  }

  /** Says what else the run's span tells, if anybody will read it. */
  describe(facts: () => Attributes): void {
    if (this.#recording) tellSpan(facts(), this.#context);
  }

  /** An attempt has failed, beside which others may go on. */
  attemptFailed(index: number, error: Error): void {
    if (!this.#recording) return;
    const endedAt = performance.now() + this.#offset;
    const failure = failureOf(error, (text) => text);
    this.#attempts = this.#attempts.map((each, at) => (at === index ? { ...each, endedAt, failure } : each));
  }

  /**
   * Ends the phase that is under way, if there is one.
   * @param failure what went wrong in it
   */
  end(failure?: PhaseFailure): void {
    this.#record(performance.now(), failure);
    this.#phase = undefined;
  }

  /**
   * Does something, and ends the phase that is under way when it is done or has failed.
   * @param signal what may have aborted it
   */
  async during<Result>(signal: AbortSignal, action: () => Promise<Result>): Promise<Result> {
    try {
      const result = await action();
      this.end();
      return result;
    } catch (error) {
      const aborted = signal.aborted && error === signal.reason && error instanceof Error;
      this.end(aborted ? abortedPhase(error) : failureOf(error, (text) => text));
      throw error;
    }
  }

  #record(now: number, failure?: PhaseFailure): void {
    if (this.#phase === undefined) return;
    this.#observe?.({ kind: "end of phase", failure: failure?.message });
    if (!this.#recording) return;
    const [startedAt, endedAt] = [this.#since + this.#offset, now + this.#offset];
    const details = this.#details(this.#phase, endedAt, failure);
    context.with(this.#context, recordPhase, undefined, this.#phase, startedAt, endedAt, failure, details);
  }

  #details(phase: PhaseName, endedAt: number, failure: PhaseFailure | undefined): PhaseDetails {
    if (phase === "dns") return { facts: { [factNames.dnsAnswers]: this.#answers && [...this.#answers] } };
    const [first, ...others] = this.#attempts;
    this.#attempts = [];
    if (others.length === 0 || first === undefined) {
      // One that is refused has no connection, but it is known by whom.
      if (failure !== undefined && first !== undefined) tellSpan(first.facts, this.#context);
      return { facts: this.#peer ?? first?.facts };
    }
    const attempts = [first, ...others].map((each) => ({ endedAt, ...each, failure: each.failure ?? failure }));
    return { facts: this.#peer, attempts };
  }
}
