import type { HistorySpan } from "../../health/history/history.ts";
import { addTo, type Bucket, emptyBucket, isEmpty } from "../buckets/bucket.ts";
import { type Column, checksPerShard } from "../buckets/column.ts";
import { type BucketNumbers, divisions, numbersPerBucket } from "../buckets/division.ts";
import { quantile } from "../buckets/durations.ts";
import { startOf } from "../buckets/resolution.ts";
import { longestWithin, stretchesOf } from "./bucket-table.ts";
import type { Store } from "./store.ts";

/** The buckets of a span that ends now. Checks of which nothing is known are left out. */
export function bucketNumbers(store: Store, names: readonly string[], span: HistorySpan, now: number): BucketNumbers {
  const { count, milliseconds } = divisions[span];
  const startsAt = startOf(now, milliseconds) - (count - 1) * milliseconds;
  const wanted = new Map<number, readonly Bucket[]>();
  for (const name of names) {
    const check = store.numberOf(name);
    if (check !== undefined) wanted.set(check, Array.from({ length: count }, emptyBucket));
  }
  const take = (shard: number, at: number, column: Column): void => {
    const index = Math.floor((at - startsAt) / milliseconds);
    for (const [place, bucket] of column) {
      const sum = wanted.get(shard * checksPerShard + place)?.[index];
      if (sum !== undefined) addTo(sum, bucket, milliseconds);
    }
  };
  readStored(store, new Set([...wanted.keys()].map((check) => Math.floor(check / checksPerShard))), {
    startsAt,
    endsAt: startsAt + count * milliseconds,
    milliseconds,
    take,
  });
  for (const [at, columns] of store.unstored()) for (const [shard, column] of columns) take(shard, at, column);
  const known = names.filter((name) => wanted.get(store.numberOf(name) ?? -1)?.some((bucket) => !isEmpty(bucket)));
  const numbers = new Float64Array(known.length * count * numbersPerBucket);
  let place = 0;
  for (const name of known) {
    for (const bucket of wanted.get(store.numberOf(name) ?? -1) ?? []) {
      numbers.set(numbersOf(bucket), place);
      place += numbersPerBucket;
    }
  }
  return { checks: known, startsAt, numbers };
}

function readStored(
  store: Store,
  shards: ReadonlySet<number>,
  wanted: {
    readonly startsAt: number;
    readonly endsAt: number;
    readonly milliseconds: number;
    readonly take: (shard: number, startsAt: number, column: Column) => void;
  },
): void {
  const { table, until } = store.stored;
  const longest = longestWithin(wanted.milliseconds);
  for (const part of stretchesOf(wanted.startsAt, Math.min(until, wanted.endsAt), until, longest)) {
    for (const shard of shards) {
      for (const { startsAt, column } of table.read(part.resolution, shard, part.from, part.until, true)) {
        wanted.take(shard, startsAt, column);
      }
    }
  }
}

function numbersOf({ milliseconds, runs, failures, durations }: Bucket): readonly number[] {
  const quantiles = [quantile(durations, 0.5), quantile(durations, 0.95)].map((value) => value ?? Number.NaN);
  return [...milliseconds.map((held) => held / 1000), runs, failures, ...quantiles];
}
