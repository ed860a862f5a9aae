import type { HistoryBucket, HistorySpan, HistoryState } from "../../health/history/history.ts";
import { historyStates } from "../buckets/bucket.ts";
import { type BucketNumbers, divisions, numbersPerBucket } from "../buckets/division.ts";

/** One bucket among many: made of the numbers when they are asked for, because there may be a hundred thousand. */
class BucketView implements HistoryBucket {
  readonly startsAt: number;
  readonly endsAt: number;
  readonly #numbers: Float64Array;
  readonly #place: number;

  constructor(startsAt: number, endsAt: number, numbers: Float64Array, place: number) {
    this.startsAt = startsAt;
    this.endsAt = endsAt;
    this.#numbers = numbers;
    this.#place = place;
  }

  get seconds(): HistoryBucket["seconds"] {
    const seconds = historyStates.map((state, number) => [state, this.#number(number)]);
    return Object.fromEntries(seconds) as Record<HistoryState, number>; // The loop went through all of them.
  }

  get runs(): number {
    return this.#number(historyStates.length);
  }

  get failures(): number {
    return this.#number(historyStates.length + 1);
  }

  get p50(): number | undefined {
    return this.#quantile(historyStates.length + 2);
  }

  get p95(): number | undefined {
    return this.#quantile(historyStates.length + 3);
  }

  /** For `JSON.stringify`, which does not see getters. */
  toJSON(): HistoryBucket {
    const { startsAt, endsAt, seconds, runs, failures, p50, p95 } = this;
    return { startsAt, endsAt, seconds, runs, failures, p50, p95 };
  }

  #number(index: number): number {
    return this.#numbers[this.#place + index] ?? 0;
  }

  #quantile(index: number): number | undefined {
    const value = this.#number(index);
    return Number.isNaN(value) ? undefined : value;
  }
}

/** The buckets of each check that the thread has sent. */
export function viewBuckets(sent: BucketNumbers, span: HistorySpan): ReadonlyMap<string, readonly HistoryBucket[]> {
  const { count, milliseconds } = divisions[span];
  const buckets = new Map<string, readonly HistoryBucket[]>();
  for (const [index, check] of sent.checks.entries()) {
    const view = (bucket: number): HistoryBucket => {
      const startsAt = sent.startsAt + bucket * milliseconds;
      const place = (index * count + bucket) * numbersPerBucket;
      return new BucketView(startsAt, startsAt + milliseconds, sent.numbers, place);
    };
    buckets.set(
      check,
      Array.from({ length: count }, (_, bucket) => view(bucket)),
    );
  }
  return buckets;
}
