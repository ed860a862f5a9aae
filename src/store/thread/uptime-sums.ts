import { type UptimeWindow, uptimeWindows } from "../../health/history/history.ts";
import { availability } from "../buckets/bucket.ts";
import { type Column, checksPerShard } from "../buckets/column.ts";
import { days, endOf, hours, minutes } from "../buckets/resolution.ts";
import { type BucketTable, stretchesOf } from "./bucket-table.ts";
import type { Columns } from "./open-times.ts";

const hour = hours.milliseconds;

/** How long each window is, and the step in which its beginning moves on. */
const windows = {
  "24h": { milliseconds: 24 * hour, step: minutes.milliseconds },
  "7d": { milliseconds: 7 * 24 * hour, step: hour },
  "30d": { milliseconds: 30 * 24 * hour, step: hour },
} as const satisfies Record<UptimeWindow, object>;

/** Two numbers a check: for how long it was available, and for how long its state was known, in milliseconds. */
export const numbersPerWindow = 2;

interface Sum {
  readonly window: (typeof windows)[UptimeWindow];
  from: number;
  numbers: Float64Array<ArrayBuffer>;
}

/** When a window begins that ends with the bucket of five minutes that ends at a moment. */
export function windowStart(window: UptimeWindow, endsAt: number): number {
  const { milliseconds, step } = windows[window];
  return endOf(endsAt - milliseconds, step);
}

/**
 * How long each check was available in each window, over the stored buckets: what is stored is added, and what leaves a window
 * is subtracted, so that nobody adds up a month to know it.
 */
export class UptimeSums {
  readonly #table: BucketTable;
  #sums: readonly Sum[] = [];
  #until: number | undefined;

  constructor(table: BucketTable) {
    this.#table = table;
  }

  /** Adds everything up, from the stored buckets that begin before a moment. */
  read(until: number, checkCount: number): void {
    this.#until = until;
    const endsAt = until + minutes.milliseconds;
    this.#sums = uptimeWindows.map((name) => {
      const window = windows[name];
      const sum = { window, from: windowStart(name, endsAt), numbers: new Float64Array(checkCount * numbersPerWindow) };
      this.#add(sum, sum.from, until, 1);
      return sum;
    });
  }

  /** Adds buckets of five minutes that have just been stored, which end at a moment. */
  add(columns: Columns, until: number, checkCount: number): void {
    const stride = until - (this.#until ?? Number.NEGATIVE_INFINITY);
    // A clock that was set, or a long time in which nothing was stored: then all is added up anew.
    if (stride < 0 || stride > hour) {
      this.read(until, checkCount);
      return;
    }
    for (const sum of this.#sums) {
      sum.numbers = withRoom(sum.numbers, checkCount * numbersPerWindow);
      for (const [shard, column] of columns) addColumn(sum.numbers, shard, column, 1);
      const from = endOf(until + minutes.milliseconds - sum.window.milliseconds, sum.window.step);
      this.#add(sum, sum.from, from, -1);
      sum.from = from;
    }
    this.#until = until;
  }

  /** The numbers of a window, in the order of {@link uptimeWindows}. */
  of(window: number): Float64Array {
    return this.#sums[window]?.numbers ?? new Float64Array(0);
  }

  #add({ numbers }: Sum, from: number, until: number, sign: 1 | -1): void {
    for (const part of stretchesOf(from, until, this.#until ?? until, days)) {
      const shardCount = Math.ceil(numbers.length / numbersPerWindow / checksPerShard);
      for (let shard = 0; shard < shardCount; shard += 1) {
        for (const { column } of this.#table.read(part.resolution, shard, part.from, part.until, "time")) {
          addColumn(numbers, shard, column, sign);
        }
      }
    }
  }
}

function addColumn(numbers: Float64Array, shard: number, column: Column, sign: 1 | -1): void {
  for (const [place, bucket] of column) {
    const { available, known } = availability(bucket);
    const first = (shard * checksPerShard + place) * numbersPerWindow;
    numbers[first] = (numbers[first] ?? 0) + sign * available;
    numbers[first + 1] = (numbers[first + 1] ?? 0) + sign * known;
  }
}

function withRoom(numbers: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  if (numbers.length >= length) return numbers;
  const larger = new Float64Array(length);
  larger.set(numbers);
  return larger;
}
