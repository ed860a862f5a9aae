import { isDeepStrictEqual } from "node:util";
import type { SpanContext } from "@opentelemetry/api";
import type { HealthCheck } from "../../health/health-check.ts";
import type { Observation } from "../../health/history/observation.ts";
import { certificateEndOf } from "../../health/published.ts";
import type { CheckReport, Transition } from "../../health/report.ts";
import type { Result } from "../../health/result.ts";
import type { Moment } from "../moment.ts";
import { MonitoredCheck, type MonitoredCheckOptions } from "../monitored-check.ts";
import type { Verdict } from "../state-machine.ts";
import { unknownSince } from "../unknown-report.ts";
import { type CheckRecord, type KnownRecord, type RecordedPast, rememberedIn } from "./check-record.ts";
import type { Sharing } from "./sharing.ts";

/** In milliseconds. */
const startPeriodTolerance = 1000;

/** A change of state that was found here and of which nobody has been told yet. */
export interface UntoldTransition {
  readonly transition: Transition;
  readonly spanContext: SpanContext;
}

/** What a shared check asks: what is known of it, whoever ran it, and why nothing is. */
export type KnowsRecords = Pick<Sharing, "recordOf" | "whyUnknown">;

/** What becomes of the results of checks that several replicas share. */
export interface SharedResults {
  readonly found: (
    shared: SharedCheck,
    transition: Transition | undefined,
    spanContext: SpanContext,
    result: Result | undefined,
  ) => void;
  readonly wasAloneSince: (startedMonotonic: number) => boolean;
  /** Whether this replica still holds the shard of a check, at this moment. */
  readonly mayRun: (shared: SharedCheck) => boolean;
}

/**
 * A check that one of several replicas runs. It shows what its record says, which counts for all of them; what it has found itself
 * since then becomes the next record.
 */
export class SharedCheck extends MonitoredCheck {
  /** While this replica holds its shard. */
  override runsHere = false;
  override readonly runsOnRequest = false;
  untold: readonly UntoldTransition[] = [];
  /** Called when the code of a run has returned, however late. */
  returned: (() => void) | undefined;
  readonly #sharing: KnowsRecords;
  readonly #shownMilliseconds: number;
  /** What is said of it before there is a record: also when it has run here, as long as that does not count. */
  readonly #beginning: CheckReport;
  /** Tells what has been drafted from what has been found since. */
  #drafted = Number.NEGATIVE_INFINITY;
  #past: RecordedPast | undefined;
  #shown: { readonly record: CheckRecord; readonly report: CheckReport } | undefined;

  constructor(check: HealthCheck, now: Moment, sharing: KnowsRecords, options: MonitoredCheckOptions) {
    super(check, now, undefined, options);
    this.#sharing = sharing;
    this.#beginning = super.report(now);
    this.#shownMilliseconds = 1.5 * (check.interval?.milliseconds ?? 0);
  }

  /** What is known of it. A name that now belongs to a check of another type has no past. */
  get known(): KnownRecord | undefined {
    const known = this.#sharing.recordOf(this.check.name);
    return known?.record.type === this.check.type ? known : undefined;
  }

  /** Until when its record is trusted, on the monotonic clock. */
  override get freshUntil(): number {
    return (this.known?.renewedAt ?? Number.NEGATIVE_INFINITY) + this.#shownMilliseconds;
  }

  override verdict(monotonicAt: number): Verdict {
    const record = this.freshUntil < monotonicAt ? undefined : this.known?.record;
    return record === undefined ? { state: "unknown", cause: undefined } : record;
  }

  override report(now: Moment): CheckReport {
    const known = this.known;
    if (known === undefined) {
      const report = { ...this.#beginning, durations: this.durations };
      const why = this.#sharing.whyUnknown?.(this.check.name);
      return why === undefined ? report : unknownSince(report.since, why, report);
    }
    const { record, renewedAt } = known;
    if (this.#shown?.record !== record) this.#shown = { record, report: this.#reportOf(record) };
    const { report } = this.#shown;
    const overdue = now.monotonicAt - renewedAt - this.#shownMilliseconds;
    if (overdue <= 0) return report;
    const why = this.#sharing.whyUnknown?.(this.check.name) ?? "the last result is too old to be trusted";
    return unknownSince(now.wallAt - overdue, why, report);
  }

  /** Forgets what it has found since its record: goes on from there. */
  goOn(now: Moment): void {
    const { known } = this;
    this.untold = [];
    this.#past = known?.record.past;
    this.resume(known && rememberedIn(known.record), now);
    this.#drafted = super.freshUntil;
  }

  /** Whether it has found something since its last draft, rather than waiting for code that has not returned. */
  get hasNews(): boolean {
    return super.freshUntil !== this.#drafted;
  }

  /** What it has found, for its next record. */
  draft(now: Moment, memory: unknown): CheckRecord {
    this.#drafted = super.freshUntil;
    const { state, failure, since, lastRun, lastSuccessAt, measures, consecutiveFailures = 0 } = super.report(now);
    const { transitions, recent, found, startPeriodEndsAt } = this.remember(now);
    const past: RecordedPast = { transitions, recent, found, startPeriodEndsAt, memory };
    if (!isSamePast(past, this.#past)) this.#past = past;
    return {
      name: this.check.name,
      type: this.check.type,
      state,
      failure,
      since,
      lastRun,
      lastSuccessAt,
      measures,
      consecutiveFailures,
      certificateExpiresAt: certificateEndOf(this.check),
      cause: this.cause,
      past: this.#past ?? past,
    };
  }

  /** What its record says, for those who keep its history. */
  shownObservation(now: Moment, before: CheckRecord | undefined, transition: Transition | undefined): Observation {
    const { record, renewedAt } = this.known ?? {};
    const { lastRun, failure, state = "unknown" } = record ?? {};
    const isAnotherRun = lastRun !== undefined && lastRun.startedAt !== before?.lastRun?.startedAt;
    return {
      check: this.identity,
      state,
      since: record?.since,
      failure,
      at: now.wallAt,
      trustedUntil: now.wallAt + (renewedAt ?? now.monotonicAt) + this.#shownMilliseconds - now.monotonicAt,
      run: isAnotherRun
        ? { durationSeconds: lastRun.durationSeconds, failed: failure !== undefined, traceId: lastRun.traceId }
        : undefined,
      transition,
    };
  }

  #reportOf(record: CheckRecord): CheckReport {
    const { state, failure, since, lastRun, lastSuccessAt, certificateExpiresAt, measures } = record;
    return {
      check: this.identity,
      state,
      failure,
      since,
      lastRun,
      lastSuccessAt,
      certificateExpiresAt,
      measures,
      consecutiveFailures: record.consecutiveFailures,
      intervalMilliseconds: this.check.interval?.milliseconds,
      transitions: record.past.transitions,
      durations: this.durations,
    };
  }
}

/** Whether two pasts say the same. The end of the start period is computed anew each time, and differs by a rounding. */
function isSamePast(one: RecordedPast, other: RecordedPast | undefined): boolean {
  return (
    one.transitions === other?.transitions &&
    one.recent === other.recent &&
    one.found === other.found &&
    Math.abs((one.startPeriodEndsAt ?? 0) - (other.startPeriodEndsAt ?? 0)) < startPeriodTolerance &&
    isDeepStrictEqual(one.memory, other.memory)
  );
}
