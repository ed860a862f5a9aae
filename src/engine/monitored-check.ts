import { INVALID_SPAN_CONTEXT, isSpanContextValid, type SpanContext } from "@opentelemetry/api";
import { type Reason, ServiceUnavailable } from "../health/errors.ts";
import { describe, type Failure, failureOf, failureWithoutRun, holdsSince } from "../health/failure.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { CheckReport, Transition } from "../health/report.ts";
import type { Result } from "../health/result.ts";
import type { State } from "../health/state.ts";
import { DurationHistogram } from "../telemetry/metrics/duration-histogram.ts";
import { isRecorded } from "../telemetry/traces/recorded-trace.ts";
import type { Caller } from "./caller.ts";
import { type RememberedCheck, rememberedTransitions } from "./remembered-check.ts";
import type { Run } from "./run.ts";
import { type Finding, StateGate } from "./state-gate.ts";

/** In intervals: until its next turn, a result is then still not too old to be trusted. */
const justRenewedShare = 0.4;

/** A result that somebody waits for: the run is under way, or waits for its turn or for what the check depends on. */
export interface Renewal {
  readonly done: Promise<void>;
  readonly finish: () => void;
  readonly caller: Caller;
  /** The monitor's version whose results are too old for the caller. */
  readonly since: number;
  run: Run | undefined;
  /** Ends the wait for room where the check is to run. */
  giveUp?: () => void;
}

/** What the monitor knows of one check. */
export class MonitoredCheck {
  readonly check: HealthCheck;
  /** How old a result may be that a caller is given, in milliseconds. */
  readonly maxAgeMilliseconds: number;
  /**
   * The result that is under way. It is kept here and not in a map of them all: of a map whose entries come and go, V8 keeps
   * every former table, with all that was in it, until the next collection of the whole heap.
   */
  renewal: Renewal | undefined;
  /** A run that has its result but whose code has still not returned: it ignored its signal. */
  stuck = false;
  /** The monitor's version that came with the last result. */
  renewedVersion = 0;

  readonly #gate: StateGate;
  /** How each kind of failure was last found: what is shown beside a state that later runs have not yet changed. */
  readonly #found: Partial<Record<Finding, Failure>> = {};
  readonly #startPeriodEndsAt: number;
  /** For how long a result is shown: also when callers want a newer one, the schedule renews it only at its turns. */
  readonly #trustedMilliseconds: number;
  #remembered: RememberedCheck | undefined;
  #state: State = "unknown";
  #failure: Failure | undefined = failureWithoutRun("unknown", "has not run yet");
  #since: number = Date.now();
  #lastRun: CheckReport["lastRun"];
  #renewedMonotonic = Number.NEGATIVE_INFINITY;
  /** When the run began that the last result is of. */
  #beganMonotonic = Number.NEGATIVE_INFINITY;
  #cause: SpanContext | undefined;
  /** When a run ended of which nothing is known, on the monotonic clock; undefined when the last one found something. */
  #missedMonotonic: number | undefined;
  /** When the run was given up after which nothing is known of a check without a schedule. */
  #givenUpAt: number | undefined;
  #lastSuccessAt: number | undefined;
  #measures: CheckReport["measures"];
  #hasPassed = false;
  #consecutiveFailures = 0;
  #transitions: readonly Transition[] = [];
  /** What was last reported, as long as nothing has changed since: most callers of many ask between two runs. */
  #reported: CheckReport | undefined;
  readonly #durations = new Map<Reason | undefined, DurationHistogram>([[undefined, new DurationHistogram()]]);

  /**
   * @param remembered what was known before a restart. Until the first run the state is unknown all the same; if that run
   *   finds what was known before, nothing has changed since
   */
  constructor(check: HealthCheck, remembered?: RememberedCheck) {
    this.check = check;
    this.#remembered = remembered;
    this.#transitions = remembered?.transitions ?? [];
    const { to, failure } = this.#transitions[0] ?? {};
    if (failure !== undefined && (to === "degraded" || to === "unhealthy")) this.#found[to] = failure;
    this.#lastSuccessAt = remembered?.lastSuccessAt;
    this.#gate = new StateGate(check.failureThreshold, check.successThreshold);
    this.#startPeriodEndsAt = performance.now() + check.startPeriod.milliseconds;
    const scheduled = 1.5 * (check.interval?.milliseconds ?? 0);
    this.maxAgeMilliseconds = check.maxAge?.milliseconds ?? scheduled;
    this.#trustedMilliseconds = Math.max(this.maxAgeMilliseconds, scheduled);
  }

  /** Whether the last result may be given to a caller now. */
  isFresh(nowMonotonic: number): boolean {
    return nowMonotonic - this.#renewedMonotonic <= this.maxAgeMilliseconds && this.maxAgeMilliseconds > 0;
  }

  /**
   * Whether the result is so new that the schedule, which may be behind, need not renew it at this turn. A run that takes
   * most of its interval ends shortly before the next one, but did not begin so.
   */
  isJustRenewed(nowMonotonic: number): boolean {
    return nowMonotonic - this.#beganMonotonic < justRenewedShare * (this.check.interval?.milliseconds ?? 0);
  }

  /** Until when a report stays true if nothing runs, on the monotonic clock. */
  get freshUntil(): number {
    return this.#renewedMonotonic + this.maxAgeMilliseconds;
  }

  get hasRun(): boolean {
    return this.#lastRun !== undefined;
  }

  get state(): State {
    return this.#state;
  }

  /** The span of the run that is to blame when the check is down: its own last failing one, or one that it depends on. */
  get cause(): SpanContext | undefined {
    return this.#cause;
  }

  /**
   * Takes what a run found. What it measured is for {@link record}, once the run's span has ended.
   * @returns the change of state, if it was one
   */
  judge(result: Result): Transition | undefined {
    const { state: finding, failure, startedAt, durationSeconds, spanContext } = result;
    const at = startedAt + durationSeconds * 1000;
    this.#missedMonotonic = finding === "unknown" ? performance.now() : undefined;
    if (finding === "unknown" && failure === undefined) return this.#miss(at, result.inconclusive === true);
    const now = performance.now();
    this.#reported = undefined;
    this.#givenUpAt = undefined;
    this.#renewedMonotonic = now;
    this.#beganMonotonic = now - durationSeconds * 1000;
    if (finding === "unknown") {
      this.#gate.reset();
      return this.#enter("unknown", failure, at);
    }
    if (failure === undefined) {
      this.#lastSuccessAt = at;
      this.#hasPassed = true;
    }
    this.#consecutiveFailures = failure === undefined ? 0 : this.#consecutiveFailures + 1;
    if (failure !== undefined) {
      if (isSpanContextValid(spanContext)) this.#cause = spanContext;
      this.#found[finding] = failure;
    }
    if (failure !== undefined && this.#isStarting(now)) {
      this.#gate.reset();
      return this.#enter("unknown", failureWithoutRun("unknown", `is starting: ${describe(failure)}`), at);
    }
    const state = this.#gate.next(this.#continued(), finding);
    return this.#enter(state, this.#failureIn(state, failure), at);
  }

  /** Takes what a run measured. Only now that its span has ended is it known whether its trace can be looked up. */
  record({ state: finding, failure, startedAt, durationSeconds, measures, spanContext }: Result): void {
    if (finding === "unknown" && failure === undefined) return;
    this.#reported = undefined;
    this.#measures = measures;
    this.#lastRun = { startedAt, durationSeconds, traceId: isRecorded(spanContext) ? spanContext.traceId : undefined };
    if (finding !== "unknown")
      this.#durationsOf(failure?.reason).record(durationSeconds, spanContext, startedAt + durationSeconds * 1000);
  }

  /**
   * Takes that a run is due while the one before, which was given up at its time-out, has still not let go: the check has
   * failed once more. After a run that was in vain it has its time-out again first, and says nothing until then.
   * @param blockedSince for how long this process was blocked since a moment on the monotonic clock, in milliseconds
   * @returns the change of state, if it was one
   */
  hold(blockedSince: (startedAt: number) => number): Transition | undefined {
    const missedAt = this.#missedMonotonic;
    if (missedAt !== undefined) {
      const awake = performance.now() - missedAt - blockedSince(missedAt);
      if (awake <= this.check.timeout.milliseconds) return undefined;
    }
    const message = `timed out after ${this.check.timeout}, and has not come back since`;
    const failure = failureOf(new ServiceUnavailable(message, { reason: "timeout" }), this.check.redact);
    const spanContext = this.#cause ?? INVALID_SPAN_CONTEXT;
    const result = { check: this.check, failure, startedAt: Date.now(), durationSeconds: 0, spanContext };
    return this.judge({ ...result, state: failure.state });
  }

  /**
   * Takes that the check was not run because something that it depends on is down.
   * @param cause the span of the run that found it down
   * @returns the change of state, if it was one
   */
  skip(because: string, cause: SpanContext | undefined): Transition | undefined {
    this.#cause = cause;
    this.#reported = undefined;
    this.#renewedMonotonic = performance.now();
    this.#beganMonotonic = this.#renewedMonotonic;
    this.#gate.reset();
    return this.#enter("skipped", failureWithoutRun("skipped", because), Date.now());
  }

  /** What is worth knowing again after a restart. */
  remember(): RememberedCheck {
    const { name, type } = this.check;
    const { state, since } = this.#remembered ?? { state: this.#state, since: this.#since };
    return { name, type, state, since, lastSuccessAt: this.#lastSuccessAt, transitions: this.#transitions };
  }

  /**
   * What is known now; a result that is too old to be trusted is `unknown`, unless it is about to be renewed.
   */
  report(nowMonotonic: number): CheckReport {
    this.#reported ??= {
      check: this.check,
      state: this.#state,
      failure: this.#failure,
      since: this.#since,
      lastRun: this.#lastRun,
      lastSuccessAt: this.#lastSuccessAt,
      certificateExpiresAt: this.check.certificateExpiresAt,
      measures: this.#measures,
      consecutiveFailures: this.#consecutiveFailures,
      transitions: this.#transitions,
      durations: this.#durations,
    };
    if (this.#givenUpAt !== undefined) {
      const failure = failureWithoutRun("unknown", "the run was given up");
      return { ...this.#reported, state: "unknown", failure, since: this.#givenUpAt };
    }
    if (!this.#isStale(nowMonotonic)) return this.#reported;
    const failure = failureWithoutRun("unknown", "the last result is too old to be trusted");
    const since = Date.now() - (nowMonotonic - this.#renewedMonotonic - this.#trustedMilliseconds);
    return { ...this.#reported, state: "unknown", failure, since };
  }

  /**
   * Too old, although the schedule should have renewed it. A run that is under way excuses that, but not for longer than it may
   * take: it may be waiting for its turn behind others that hang.
   */
  #isStale(nowMonotonic: number): boolean {
    const { interval, timeout } = this.check;
    if (interval === undefined || this.#renewedMonotonic === Number.NEGATIVE_INFINITY) return false;
    const overdue = nowMonotonic - this.#renewedMonotonic - this.#trustedMilliseconds;
    return overdue > (this.renewal === undefined ? 0 : timeout.milliseconds);
  }

  /** The state that a run is judged after: one that failed before a restart goes on failing until enough runs pass. */
  #continued(): State {
    const before = this.#state === "unknown" ? this.#remembered?.state : undefined;
    return before === "unhealthy" || before === "degraded" ? before : this.#state;
  }

  #isStarting(nowMonotonic: number): boolean {
    return !this.#hasPassed && nowMonotonic < this.#startPeriodEndsAt;
  }

  /** What is shown beside a state: how it was last found, also while the runs after that have not yet changed it. */
  #failureIn(state: State, failure: Failure | undefined): Failure | undefined {
    if (state === "healthy") return undefined;
    if (state === "degraded" || state === "unhealthy") return this.#found[state] ?? failure;
    const times = `failed ${this.#gate.failures} of ${this.check.failureThreshold} times`;
    return failureWithoutRun("unknown", `${times}: ${describe(failure)}`);
  }

  /**
   * Takes that a run was given up or in vain. The schedule will make up for it, and what is known until then grows too old by
   * itself; whoever asks for a check without a schedule asks for the present, of which nothing is known.
   */
  #miss(at: number, inconclusive: boolean): Transition | undefined {
    if (this.check.interval !== undefined) return undefined;
    if (inconclusive) {
      this.#reported = undefined;
      return this.#enter("unknown", failureWithoutRun("unknown", "this process was blocked while it looked"), at);
    }
    this.#givenUpAt = at; // No change of state: after a restart, what was known before goes on.
    return undefined;
  }

  #enter(to: State, failure: Failure | undefined, endedAt: number): Transition | undefined {
    const from = this.#state;
    this.#failure = failure;
    if (from === to) return undefined;
    const at = holdsSince(failure, endedAt, Math.max(this.#lastSuccessAt ?? 0, this.#transitions[0]?.at ?? 0));
    const remembered = from === "unknown" ? this.#remembered : undefined;
    this.#remembered = undefined;
    this.#state = to;
    this.#since = remembered?.state === to ? remembered.since : at;
    if (remembered?.state === to) return undefined;
    const transition = { at, from: remembered?.state ?? from, to, failure };
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
