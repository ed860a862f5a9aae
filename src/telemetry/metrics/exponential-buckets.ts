import type { ExponentialDistribution } from "../../health/report.ts";

/** Eight buckets for each power of two: the bounds are 9 % apart, so a quantile between them is off by 4.4 % at most. */
const finestSchema = 3;
/** The default of OpenTelemetry's SDKs; at the finest schema enough for durations of which the longest is a million times the shortest. */
const maxBuckets = 160;
/** When the counts have to grow, they grow by a multiple of this, so that they need not for each new bucket. */
const growth = 16;

/** About a microsecond: what takes less is noise of the clock, and must not cost buckets. */
export const zeroThreshold = 2 ** -20;

/**
 * Counts durations in exponential buckets. Only the range that has been seen is held, in at most 160 buckets; when it needs
 * more, each two become one.
 */
export class ExponentialBuckets implements ExponentialDistribution {
  readonly zeroThreshold = zeroThreshold;
  schema = finestSchema;
  zeroCount = 0;
  firstIndex = 0;
  counts: number[] = [];

  record(seconds: number): void {
    if (!(seconds > zeroThreshold)) {
      this.zeroCount += 1;
      return;
    }
    let slot = this.#indexOf(seconds) - this.firstIndex;
    if (slot < 0 || slot >= this.counts.length) slot = this.#makeRoom(seconds);
    this.counts[slot] = (this.counts[slot] as number) + 1;
  }

  #indexOf(seconds: number): number {
    return Math.ceil(Math.log2(Math.min(seconds, Number.MAX_VALUE)) * 2 ** this.schema);
  }

  /** Changes what is held so that the duration has a bucket, and gives its place. */
  #makeRoom(seconds: number): number {
    let index = this.#indexOf(seconds);
    let [lowest, highest] = this.#rangeWith(index);
    while (highest - lowest >= maxBuckets) {
      this.#halve();
      index = this.#indexOf(seconds);
      [lowest, highest] = this.#rangeWith(index);
    }
    const width = highest - lowest + 1;
    const length = Math.min(maxBuckets, Math.ceil(width / growth) * growth);
    // Durations vary around the one that came: half of the room is on either side.
    const firstIndex = lowest - Math.floor((length - width) / 2);
    const counts = new Array<number>(length).fill(0);
    for (const [slot, count] of this.counts.entries()) {
      if (count > 0) counts[this.firstIndex + slot - firstIndex] = count;
    }
    this.firstIndex = firstIndex;
    this.counts = counts;
    return index - firstIndex;
  }

  /** The lowest and highest index in use when this one is too. */
  #rangeWith(index: number): [lowest: number, highest: number] {
    let lowest = index;
    let highest = index;
    for (const [slot, count] of this.counts.entries()) {
      if (count === 0) continue;
      lowest = Math.min(lowest, this.firstIndex + slot);
      highest = Math.max(highest, this.firstIndex + slot);
    }
    return [lowest, highest];
  }

  #halve(): void {
    const { schema, firstIndex, counts } = coarser(this);
    this.schema = schema;
    this.firstIndex = firstIndex;
    this.counts = counts;
  }
}

/** The same with each two buckets made one. */
export function coarser(
  distribution: Pick<ExponentialDistribution, "schema" | "firstIndex" | "counts">,
): Pick<ExponentialBuckets, "schema" | "firstIndex" | "counts"> {
  const { schema, firstIndex, counts } = distribution;
  const half = (index: number): number => Math.ceil(index / 2);
  const first = half(firstIndex);
  const length = counts.length === 0 ? 0 : half(firstIndex + counts.length - 1) - first + 1;
  const merged = new Array<number>(length).fill(0);
  for (let slot = 0; slot < counts.length; slot += 1) {
    const into = half(firstIndex + slot) - first;
    merged[into] = (merged[into] as number) + (counts[slot] ?? 0);
  }
  return { schema: schema - 1, firstIndex: first, counts: merged };
}
