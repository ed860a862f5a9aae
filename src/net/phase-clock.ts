import { context, trace } from "@opentelemetry/api";
import { failureOf } from "../health/failure.ts";
import type { ProbeTerms } from "../health/probe-terms.ts";
import { abortedPhase, type PhaseFailure, type PhaseName, recordPhase } from "./phase.ts";

/**
 * Measures the successive phases of one run, and records each as it ends. To be made while the run's span is
 * active; whatever calls it later may be in any context.
 */
export class PhaseClock {
  readonly #context = context.active();
  readonly #recording = trace.getSpan(this.#context)?.isRecording() === true;
  /** What makes a time since the epoch, with its fraction, of one on the monotonic clock. */
  readonly #offset = Date.now() - performance.now();
  #phase: PhaseName | undefined;
  #since = 0;
  /** Takes what happens, when a probe wants to know. */
  readonly observe: ProbeTerms["observe"];

  constructor(observe?: ProbeTerms["observe"]) {
    this.observe = observe;
  }

  /** The phase that is under way. */
  get phase(): PhaseName | undefined {
    return this.#phase;
  }

  /** Ends the phase that is under way, if there is one, and begins another. */
  begin(phase: PhaseName): void {
    const now = performance.now();
    this.#record(now);
    this.#phase = phase;
    this.#since = now;
    this.observe?.({ kind: "phase", phase });
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
    this.observe?.({ kind: "end of phase", failure: failure?.message });
    if (!this.#recording) return;
    const [startedAt, endedAt] = [this.#since + this.#offset, now + this.#offset];
    context.with(this.#context, recordPhase, undefined, this.#phase, startedAt, endedAt, failure);
  }
}
