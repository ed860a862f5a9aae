import type { Failure } from "../failure.ts";
import type { State } from "../state.ts";

/** How history counts a moment: by the check's state, or as `maintenance` whatever the state. */
export type HistoryState = State | "maintenance";

/** The windows over which uptime is told. */
export const uptimeWindows = ["24h", "7d", "30d"] as const;

/** One of {@link uptimeWindows}. */
export type UptimeWindow = (typeof uptimeWindows)[number];

/** The spans that history is shown for. */
export const historySpans = ["24h", "7d", "30d", "90d"] as const;

/** One of {@link historySpans}. */
export type HistorySpan = (typeof historySpans)[number];

/**
 * How much of a window a check was available: healthy or degraded, as in the recording rules for Prometheus. Time in which it
 * was unknown, skipped or in maintenance, and time in which Healthspan did not run, is not known time.
 */
export interface Uptime {
  readonly availableSeconds: number;
  readonly knownSeconds: number;
}

/** What one stretch of time held for a check. */
export interface HistoryBucket {
  /** Milliseconds since the epoch. */
  readonly startsAt: number;
  /** Milliseconds since the epoch; for the current bucket, when it will end. */
  readonly endsAt: number;
  /** How long the check was in each state; together less than the bucket where Healthspan did not run. */
  readonly seconds: Readonly<Record<HistoryState, number>>;
  readonly runs: number;
  /** How many of the runs failed, degraded ones included. */
  readonly failures: number;
  /** Of the durations of its runs, in seconds, as near as their histogram tells; undefined without runs. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
}

/** What a check measured under one name in a span of time. */
export interface MeasureHistory {
  /** As the check declares it: `messages`. */
  readonly name: string;
  /** In the notation of UCUM. */
  readonly unit: string;
  /** The oldest first, without gaps: as many and as long as those of {@link History.buckets}. */
  readonly buckets: readonly MeasuredBucket[];
}

/** What a check measured under one name in one stretch of time. */
export interface MeasuredBucket {
  /** Milliseconds since the epoch. */
  readonly startsAt: number;
  /** Milliseconds since the epoch; for the current bucket, when it will end. */
  readonly endsAt: number;
  /** Four significant digits of each; undefined where no run measured it. */
  readonly values: { readonly minimum: number; readonly mean: number; readonly maximum: number } | undefined;
}

/** The time from when a check stopped passing until it passed again. A check that is skipped or unknown begins none. */
export interface Incident {
  /** Stays the same, and is no other incident's. */
  readonly id: string;
  readonly check: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds since the epoch; undefined while it lasts. */
  readonly endedAt: number | undefined;
  /** The worst state it reached. */
  readonly state: "degraded" | "unhealthy";
  /** The failure that was found first in that state. */
  readonly failure: Failure | undefined;
  /** The trace of the run that found it; undefined when it cannot be looked up. */
  readonly traceId: string | undefined;
}

/** What a report tells of the past without asking anybody. */
export interface Past {
  /** @returns undefined when nothing is known of the check */
  uptime(check: string, window: UptimeWindow): Uptime | undefined;
  /** The incident that lasts; undefined when there is none. */
  incident(check: string): Incident | undefined;
}

/** Which incidents are wanted. */
export interface IncidentQuestion {
  /** The names of the checks. */
  readonly checks: readonly string[];
  /** Only those that lasted at this moment or later, in milliseconds since the epoch. */
  readonly since?: number | undefined;
  /** Only those that began before this moment, in milliseconds since the epoch. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** What was: states, runs and incidents of the past. */
export interface History extends Past {
  /**
   * The buckets of a span, the oldest first, without gaps, by the name of the check: 96 of 15 minutes for 24h, 84 of two hours
   * for 7d, 90 of eight hours for 30d, 90 of a day for 90d. The last one is the current one. A check of which nothing is known
   * is left out.
   */
  buckets(checks: readonly string[], span: HistorySpan): Promise<ReadonlyMap<string, readonly HistoryBucket[]>>;
  /** What a check measured, sorted by name; of those it has measured in the span. */
  measures(check: string, span: HistorySpan): Promise<readonly MeasureHistory[]>;
  /** The newest first. */
  incidents(question: IncidentQuestion): Promise<readonly Incident[]>;
}
