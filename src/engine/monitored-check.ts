import type { SpanContext } from "@opentelemetry/api";
import { INVALID_SPAN_CONTEXT } from "@opentelemetry/api";
import { ServiceUnavailable } from "../health/errors.ts";
import { ownFailure } from "../health/failure.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { Observation } from "../health/history/observation.ts";
import type { MaintenanceCalendar } from "../health/maintenance/calendar.ts";
import { certificateEndOf, identityOf, type PublishingOptions } from "../health/published.ts";
import type { CheckIdentity, CheckReport, Transition } from "../health/report.ts";
import type { Result } from "../health/result.ts";
import type { State } from "../health/state.ts";
import { classicShape, type HistogramShape } from "../telemetry/metrics/histogram-shape.ts";
import { RunDurations } from "../telemetry/metrics/run-durations.ts";
import { isRecorded } from "../telemetry/traces/recorded-trace.ts";
import { saysSomething } from "./inconclusive.ts";
import type { Moment } from "./moment.ts";
import type { RememberedCheck } from "./remembered-check.ts";
import type { Renewal } from "./renewal.ts";
import {
  afterRun,
  afterSkip,
  type Condition,
  type DownCheck,
  firstCondition,
  rulesOf,
  type StateRules,
  type Step,
  type Verdict,
} from "./state-machine.ts";
import { unknownSince } from "./unknown-report.ts";

/** As a share of the interval: a result as new as this is still trusted at the turn after the next one. */
const justRenewedShare = 0.4;

/** What all checks of a monitor have in common. */
export interface MonitoredCheckOptions extends PublishingOptions {
  /** How durations are counted. Default: in the classic buckets. */
  readonly shape?: HistogramShape | undefined;
  /** Says which changes of state happen in maintenance. Default: none. */
  readonly calendar?: MaintenanceCalendar | undefined;
}

/** One check with its condition, and the bookkeeping of its runs. It reads no clock: every caller passes the time. */
export class MonitoredCheck {
  readonly check: HealthCheck;
  /** What is published of the check: always the same object. */
  readonly identity: CheckIdentity;
  /** The result that is under way. */
  renewal: Renewal | undefined;
  /** Whether the code of the last run has still not returned although the run has its result: it ignored its signal. */
  stuck = false;
  /** The version of the checks that came with the last result. */
  renewedVersion = 0;
  /** Whether its schedule runs it here, rather than elsewhere. */
  runsHere = true;
  /** Whether a caller for whom its result is too old makes it run. */
  readonly runsOnRequest: boolean = true;

  #rules: StateRules;
  #condition: Condition;
  /** How old a result may be that a caller gets, in milliseconds. */
  readonly #maxAgeMilliseconds: number;
  /** For how long a result is shown, in milliseconds. Callers may want newer ones, but the schedule keeps to its turns. */
  readonly #trustedMilliseconds: number;
  /** When the last result came, on the monotonic clock. */
  #renewedAt = Number.NEGATIVE_INFINITY;
  /** When the run with the last result began, on the monotonic clock. */
  #beganAt = Number.NEGATIVE_INFINITY;
  /** When the last run ended, on the monotonic clock, if it found nothing. */
  #missedAt: number | undefined;
  #lastRun: CheckReport["lastRun"];
  #lastSuccessAt: number | undefined;
  #measures: CheckReport["measures"];
  readonly #durations: RunDurations;
  readonly #calendar: MaintenanceCalendar | undefined;
  /** The last report, as long as nothing has changed since: with many callers, most of them ask between two runs. */
  #reported: CheckReport | undefined;

  /** @param remembered what was known before a restart */
  constructor(
    check: HealthCheck,
    now: Moment,
    remembered?: RememberedCheck,
    { shape = classicShape, calendar, ...publishing }: MonitoredCheckOptions = {},
  ) {
    const { interval, maxAge } = check;
    this.check = check;
    this.identity = identityOf(check, publishing);
    this.#lastSuccessAt = remembered?.lastSuccessAt;
    this.#condition = firstCondition(remembered, now);
    this.#rules = rulesOf(check, remembered, now);
    const scheduled = 1.5 * (interval?.milliseconds ?? 0);
    this.#maxAgeMilliseconds = maxAge?.milliseconds ?? scheduled;
    this.#trustedMilliseconds = Math.max(this.#maxAgeMilliseconds, scheduled);
    this.#durations = new RunDurations(shape);
    this.#calendar = calendar;
  }

  get state(): State {
    return this.#condition.state;
  }

  /** The span of the run to blame when the check is down: its own last failing one, or that of a check it depends on. */
  get cause(): SpanContext | undefined {
    return this.#condition.cause;
  }

  /** What those that depend on it go by. */
  verdict(_monotonicAt: number): Verdict {
    return { state: this.state, cause: this.cause };
  }

  get hasRun(): boolean {
    return this.#lastRun !== undefined;
  }

  /** Whether a caller may get the last result. */
  isFresh(monotonicAt: number): boolean {
    return monotonicAt <= this.freshUntil && this.#maxAgeMilliseconds > 0;
  }

  /** Until when a report stays true if nothing runs, on the monotonic clock. */
  get freshUntil(): number {
    return this.#renewedAt + this.#maxAgeMilliseconds;
  }

  /**
   * Whether the result is so new that the schedule, which may be behind, need not renew it at this turn. A run that takes
   * most of its interval ends shortly before the next one, but did not begin so.
   */
  isJustRenewed(monotonicAt: number): boolean {
    return monotonicAt - this.#beganAt < justRenewedShare * (this.check.interval?.milliseconds ?? 0);
  }

  /**
   * Takes what a run found, while its span is still open. What it measured goes to {@link record} after that.
   * @returns the change of state, if it was one
   */
  judge(result: Result, monotonicAt: number): Transition | undefined {
    const { state, failure, startedAt, durationSeconds } = result;
    const wallAt = startedAt + durationSeconds * 1000;
    this.#missedAt = state === "unknown" ? monotonicAt : undefined;
    if (saysSomething(result)) {
      this.#renewedAt = monotonicAt;
      this.#beganAt = monotonicAt - durationSeconds * 1000;
      if (failure === undefined) this.#lastSuccessAt = wallAt;
    }
    const run = { ...result, lastSuccessAt: this.#lastSuccessAt };
    return this.#take(afterRun(this.#condition, this.#rules, run, { wallAt, monotonicAt }));
  }

  /** Takes what a run measured. Only once its span has ended is it known whether its trace can be looked up. */
  record(result: Result): void {
    if (!saysSomething(result)) return;
    const { state, startedAt, durationSeconds, measures, spanContext } = result;
    this.#reported = undefined;
    this.#measures = measures;
    this.#lastRun = { startedAt, durationSeconds, traceId: isRecorded(spanContext) ? spanContext.traceId : undefined };
    if (state !== "unknown") this.#durations.record(result);
  }

  /**
   * Takes that a run is due while the previous one, which was given up at its time-out, has still not returned: the check has
   * failed once more. After an inconclusive run it first has its time-out once more, and nothing is known until then.
   * @param blockedSince for how long this process was blocked since a moment on the monotonic clock, in milliseconds
   * @returns the change of state, if it was one
   */
  hold(now: Moment, blockedSince: (startedAt: number) => number): Transition | undefined {
    const { timeout } = this.check;
    const missedAt = this.#missedAt;
    if (missedAt !== undefined && now.monotonicAt - missedAt - blockedSince(missedAt) <= timeout.milliseconds) return;
    const message = `timed out after ${timeout}, and has not come back since`;
    const failure = ownFailure(new ServiceUnavailable(message, { reason: "timeout" }));
    const spanContext = this.cause ?? INVALID_SPAN_CONTEXT;
    const result = { check: this.check, failure, startedAt: now.wallAt, durationSeconds: 0, spanContext };
    return this.judge({ ...result, state: failure.state }, now.monotonicAt);
  }

  /**
   * Takes that the check did not run because something it depends on is down.
   * @param cause the span of the run that found it down
   * @returns the change of state, if it was one
   */
  skip(down: DownCheck, cause: SpanContext | undefined, now: Moment): Transition | undefined {
    this.#renewedAt = now.monotonicAt;
    this.#beganAt = now.monotonicAt;
    return this.#take(afterSkip(this.#condition, down, cause, now));
  }

  /** Goes on from what is remembered, as after a restart. Its durations stay. */
  protected resume(remembered: RememberedCheck | undefined, now: Moment): void {
    this.#condition = firstCondition(remembered, now);
    this.#rules = rulesOf(this.check, remembered, now);
    this.#lastSuccessAt = remembered?.lastSuccessAt;
    this.#renewedAt = Number.NEGATIVE_INFINITY;
    this.#beganAt = Number.NEGATIVE_INFINITY;
    this.#missedAt = this.stuck ? now.monotonicAt : undefined; // A run that has not returned has its time-out once more.
    this.#reported = undefined;
  }

  protected get durations(): CheckReport["durations"] {
    return this.#durations.byReason;
  }

  /** What is known from now on, for those who keep its history. */
  observation(now: Moment, transition: Transition | undefined, result: Result | undefined): Observation {
    const isScheduled = this.check.interval !== undefined;
    const run = result !== undefined &&
      saysSomething(result) && {
        durationSeconds: result.durationSeconds,
        failed: result.failure !== undefined && result.state !== "unknown",
        measures: result.measures,
        traceId: this.#lastRun?.traceId,
      };
    return {
      check: this.identity,
      state: this.#condition.givenUpAt === undefined ? this.#condition.state : "unknown",
      failure: this.#condition.failure,
      at: now.wallAt,
      trustedUntil: isScheduled
        ? now.wallAt + this.#renewedAt + this.#trustedMilliseconds - now.monotonicAt
        : undefined,
      run: run === false ? undefined : run,
      transition,
    };
  }

  /** What to keep over a restart. */
  remember({ wallAt, monotonicAt }: Moment): RememberedCheck {
    const { name, type } = this.check;
    const { transitions, remembered, recent, consecutiveFailures, found, hasPassed } = this.#condition;
    const { state, since } = remembered ?? this.#condition;
    const startPeriodLeft = this.#rules.startPeriodEndsAt - monotonicAt;
    return {
      name,
      type,
      state,
      since,
      lastSuccessAt: this.#lastSuccessAt,
      transitions,
      recent,
      consecutiveFailures,
      found,
      startPeriodEndsAt: Math.round(wallAt + (hasPassed ? Math.min(0, startPeriodLeft) : startPeriodLeft)),
    };
  }

  /** What is known now. A result that is too old to be trusted is `unknown`, unless a run is about to renew it. */
  report(now: Moment): CheckReport {
    this.#reported ??= this.#reportAsFound();
    const { givenUpAt } = this.#condition;
    if (givenUpAt !== undefined) return unknownSince(givenUpAt, "the run was given up", this.#reported);
    const overdue = this.#overdueMilliseconds(now.monotonicAt);
    if (overdue === undefined) return this.#reported;
    return unknownSince(now.wallAt - overdue, "the last result is too old to be trusted", this.#reported);
  }

  #reportAsFound(): CheckReport {
    const { state, failure, since, consecutiveFailures, transitions } = this.#condition;
    return {
      check: this.identity,
      state,
      failure,
      since,
      lastRun: this.#lastRun,
      lastSuccessAt: this.#lastSuccessAt,
      certificateExpiresAt: certificateEndOf(this.check),
      measures: this.#measures,
      consecutiveFailures,
      intervalMilliseconds: this.check.interval?.milliseconds,
      transitions,
      durations: this.durations,
    };
  }

  /**
   * For how long the result has been too old although the schedule should have renewed it; undefined when it is not too old.
   * A run under way excuses that, but only for as long as a run may take: it may be waiting behind others that hang.
   */
  #overdueMilliseconds(monotonicAt: number): number | undefined {
    const { interval, timeout } = this.check;
    if (interval === undefined || this.#renewedAt === Number.NEGATIVE_INFINITY) return undefined;
    const overdue = monotonicAt - this.#renewedAt - this.#trustedMilliseconds;
    return overdue > (this.renewal === undefined ? 0 : timeout.milliseconds) ? overdue : undefined;
  }

  #take({ condition, transition }: Step): Transition | undefined {
    this.#reported = undefined;
    const maintenance = transition && this.#calendar?.at(this.identity, transition.at);
    if (transition === undefined || maintenance === undefined) {
      this.#condition = condition;
      return transition;
    }
    const marked = { ...transition, maintenance: maintenance.title };
    this.#condition = { ...condition, transitions: [marked, ...condition.transitions.slice(1)] };
    return marked;
  }
}
