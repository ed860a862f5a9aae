import { TraceFlags, trace } from "@opentelemetry/api";
import type { Reason } from "../health/errors.ts";
import { type Failure, failureWithoutRun } from "../health/failure.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { CheckReport, Transition } from "../health/report.ts";
import type { Result } from "../health/result.ts";
import type { State } from "../health/state.ts";
import { DurationHistogram } from "../telemetry/duration-histogram.ts";

/** How many changes of state are remembered of each check. */
const rememberedTransitions = 20;

/** What the monitor knows of one check. */
export class MonitoredCheck {
  readonly check: HealthCheck;
  /** How old a result may be that a caller is given, in milliseconds. */
  readonly maxAgeMilliseconds: number;
  /** A run that has its result but whose code has still not returned: it ignored its signal. */
  held = false;

  #state: State = "unknown";
  #failure: Failure | undefined = failureWithoutRun("unknown", "has not run yet");
  #since: number = Date.now();
  #lastRun: CheckReport["lastRun"];
  #renewedMonotonic = Number.NEGATIVE_INFINITY;
  #lastSuccessAt: number | undefined;
  #consecutiveFailures = 0;
  #transitions: readonly Transition[] = [];
  readonly #durations = new Map<Reason | undefined, DurationHistogram>([[undefined, new DurationHistogram()]]);

  constructor(check: HealthCheck) {
    this.check = check;
    this.maxAgeMilliseconds = check.maxAge?.milliseconds ?? 1.5 * (check.interval?.milliseconds ?? 0);
  }

  /** Whether the last result may be given to a caller now. */
  isFresh(nowMonotonic: number): boolean {
    return nowMonotonic - this.#renewedMonotonic <= this.maxAgeMilliseconds && this.maxAgeMilliseconds > 0;
  }

  /** Until when a report stays true if nothing runs, on the monotonic clock. */
  get freshUntil(): number {
    return this.#renewedMonotonic + this.maxAgeMilliseconds;
  }

  /**
   * Takes what a run found.
   * @returns the change of state, if it was one
   */
  record(result: Result): Transition | undefined {
    const { state, failure, startedAt, durationSeconds, spanContext } = result;
    if (state === "unknown") return undefined;
    const at = startedAt + durationSeconds * 1000;
    this.#renewedMonotonic = performance.now();
    const sampled = trace.isSpanContextValid(spanContext) && (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0;
    this.#lastRun = { startedAt, durationSeconds, traceId: sampled ? spanContext.traceId : undefined };
    this.#durationsOf(failure?.reason).record(durationSeconds, spanContext, at);
    if (failure === undefined) this.#lastSuccessAt = at;
    this.#consecutiveFailures = failure === undefined ? 0 : this.#consecutiveFailures + 1;
    this.#failure = failure;
    return this.#enter(state, failure, at);
  }

  /** What is known now; a result that is too old to be trusted is `unknown`. */
  report(nowMonotonic: number, running: boolean): CheckReport {
    const { check } = this;
    const known = {
      check,
      lastRun: this.#lastRun,
      lastSuccessAt: this.#lastSuccessAt,
      consecutiveFailures: this.#consecutiveFailures,
      transitions: this.#transitions,
      durations: this.#durations,
    };
    if (this.#isStale(nowMonotonic, running)) {
      const failure = failureWithoutRun("unknown", "the last result is too old to be trusted");
      const since = Date.now() - (nowMonotonic - this.#renewedMonotonic - this.maxAgeMilliseconds);
      return { ...known, state: "unknown", failure, since };
    }
    return { ...known, state: this.#state, failure: this.#failure, since: this.#since };
  }

  /** Too old, although the schedule should have renewed it and no run is about to. */
  #isStale(nowMonotonic: number, running: boolean): boolean {
    if (this.check.interval === undefined || this.#lastRun === undefined || running || this.held) return false;
    return nowMonotonic - this.#renewedMonotonic > this.maxAgeMilliseconds;
  }

  #enter(to: State, failure: Failure | undefined, at: number): Transition | undefined {
    const from = this.#state;
    if (from === to) return undefined;
    this.#state = to;
    this.#since = at;
    const transition = { at, from, to, failure };
    this.#transitions = [transition, ...this.#transitions.slice(0, rememberedTransitions - 1)];
    return transition;
  }

  #durationsOf(reason: Reason | undefined): DurationHistogram {
    let durations = this.#durations.get(reason);
    if (durations === undefined) {
      durations = new DurationHistogram();
      this.#durations.set(reason, durations);
    }
    return durations;
  }
}
