import type { HistorySpan } from "../../health/history/history.ts";
import { addTo, type Bucket, emptyBucket, isEmpty } from "../buckets/bucket.ts";
import { type Column, checksPerShard, type Depth } from "../buckets/column.ts";
import { type BucketNumbers, divisions, numbersPerBucket } from "../buckets/division.ts";
import { quantile } from "../buckets/durations.ts";
import { startOf } from "../buckets/resolution.ts";
import { longestWithin, stretchesOf } from "./bucket-table.ts";
import type { Store } from "./store.ts";

/** The buckets of a span that ends now. Checks of which nothing is known are left out. */
export function bucketNumbers(store: Store, names: readonly string[], span: HistorySpan, now: number): BucketNumbers {
  const { count, milliseconds } = divisions[span];
  const wanted = new Map<number, readonly Bucket[]>();
  for (const name of names) {
    const check = store.numberOf(name);
    if (check !== undefined) wanted.set(check, Array.from({ length: count }, emptyBucket));
  }
  const checks = new Set(wanted.keys());
  readSpan(store, { checks, span, now, depth: "durations" }, (check, index, bucket) => {
    const sum = wanted.get(check)?.[index];
    if (sum !== undefined) addTo(sum, bucket, milliseconds);
  });
  const known = names.filter((name) => wanted.get(store.numberOf(name) ?? -1)?.some((bucket) => !isEmpty(bucket)));
  const numbers = new Float64Array(known.length * count * numbersPerBucket);
  let place = 0;
  for (const name of known) {
    for (const bucket of wanted.get(store.numberOf(name) ?? -1) ?? []) {
      numbers.set(numbersOf(bucket), place);
      place += numbersPerBucket;
    }
  }
  return { checks: known, startsAt: startOfSpan(span, now), numbers };
}

/** When the first bucket of a span begins that ends now. */
export function startOfSpan(span: HistorySpan, now: number): number {
  const { count, milliseconds } = divisions[span];
  return startOf(now, milliseconds) - (count - 1) * milliseconds;
}

/** What is read of the past. */
export interface SpanWanted {
  /** By their numbers in the database. */
  readonly checks: ReadonlySet<number>;
  readonly span: HistorySpan;
  readonly now: number;
  readonly depth: Depth;
}

/**
 * Reads what is known of some checks in a span that ends now, stored or not.
 * @param take given each piece of a bucket of the span, with the bucket's place in it
 */
export function readSpan(
  store: Store,
  { checks, span, now, depth }: SpanWanted,
  take: (check: number, index: number, bucket: Bucket) => void,
): void {
  const { count, milliseconds } = divisions[span];
  const spanStartsAt = startOfSpan(span, now);
  const takeColumn = (shard: number, startsAt: number, column: Column): void => {
    const index = Math.floor((startsAt - spanStartsAt) / milliseconds);
    for (const [place, bucket] of column) {
      const check = shard * checksPerShard + place;
      if (checks.has(check)) take(check, index, bucket);
    }
  };
  const shards = new Set([...checks].map((check) => Math.floor(check / checksPerShard)));
  const { table, until } = store.stored;
  const endsAt = Math.min(until, spanStartsAt + count * milliseconds);
  for (const part of stretchesOf(spanStartsAt, endsAt, until, longestWithin(milliseconds))) {
    for (const shard of shards) {
      for (const { startsAt, column } of table.read(part.resolution, shard, part.from, part.until, depth)) {
        takeColumn(shard, startsAt, column);
      }
    }
  }
  for (const [startsAt, columns] of store.unstored()) {
    for (const [shard, column] of columns) takeColumn(shard, startsAt, column);
  }
}

function numbersOf({ milliseconds, runs, failures, durations }: Bucket): readonly number[] {
  const quantiles = [quantile(durations, 0.5), quantile(durations, 0.95)].map((value) => value ?? Number.NaN);
  return [...milliseconds.map((held) => held / 1000), runs, failures, ...quantiles];
}
