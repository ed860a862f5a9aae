import type { HistorySpan } from "../../health/history/history.ts";
import { historyStates } from "./bucket.ts";

const minute = 60_000;
const hour = 60 * minute;

/** How a span is divided, as `History.buckets` says. */
export const divisions = {
  "24h": { count: 96, milliseconds: 15 * minute },
  "7d": { count: 84, milliseconds: 2 * hour },
  "30d": { count: 90, milliseconds: 8 * hour },
  "90d": { count: 90, milliseconds: 24 * hour },
} as const satisfies Record<HistorySpan, object>;

/** For each bucket: the seconds in each state, runs, failures, p50, p95. */
export const numbersPerBucket = historyStates.length + 4;

/** The buckets of some checks, as numbers: they are many, and one block of numbers costs nothing to hand over. */
export interface BucketNumbers {
  readonly checks: readonly string[];
  /** When the first bucket began, in milliseconds since the epoch. */
  readonly startsAt: number;
  /** Those of the first check, then those of the next; the quantiles are not a number where there are none. */
  readonly numbers: Float64Array<ArrayBuffer>;
}
