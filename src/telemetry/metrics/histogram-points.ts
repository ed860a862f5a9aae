import type { Attributes } from "@opentelemetry/api";
import type { AggregationTemporality, ExponentialHistogram, Histogram } from "@opentelemetry/sdk-metrics";
import type { ExponentialDistribution } from "../../health/report.ts";
import type { CheckPoint } from "./check-metrics.ts";
import { coarser } from "./exponential-buckets.ts";
import { cumulative, delta, pointTypes } from "./metric-values.ts";

/** What was counted when a reader collected last. */
interface Before {
  readonly value: Histogram;
  readonly exponential: ExponentialDistribution | undefined;
}

/**
 * The points of histograms as one reader wants them: in classic or exponential buckets, counted from the start or since it
 * collected last. Only for the latter it remembers anything.
 */
export class HistogramPoints {
  readonly pointType: typeof pointTypes.histogram | typeof pointTypes.exponentialHistogram;
  readonly temporality: AggregationTemporality;
  readonly #before: WeakMap<Attributes, Before> | undefined;
  #startedAt: number;
  #collectedAt: number;

  /** @param startedAt since when has been counted, in milliseconds since the epoch */
  constructor(form: { readonly exponential: boolean; readonly delta: boolean }, startedAt: number) {
    this.pointType = form.exponential ? pointTypes.exponentialHistogram : pointTypes.histogram;
    this.temporality = form.delta ? delta : cumulative;
    this.#before = form.delta ? new WeakMap() : undefined;
    this.#startedAt = startedAt;
    this.#collectedAt = startedAt;
  }

  /**
   * Begins a collection.
   * @returns since when its points have been counted
   */
  begin(now: number): number {
    if (this.#before !== undefined) this.#startedAt = this.#collectedAt;
    this.#collectedAt = now;
    return this.#startedAt;
  }

  /**
   * A copy, since the monitor counts on while the exporter writes.
   * @returns undefined when nothing has been counted since the last collection, or not in these buckets
   */
  valueOf({ attributes, exponential }: CheckPoint, given: Histogram): Histogram | ExponentialHistogram | undefined {
    let value = copyOf(given);
    let native = this.pointType === pointTypes.histogram ? undefined : exponential && copyOfExponential(exponential);
    if (this.#before !== undefined) {
      const before = this.#before.get(attributes);
      if (value.count === (before?.value.count ?? 0)) return undefined;
      this.#before.set(attributes, { value, exponential: native });
      if (before !== undefined) {
        if (native !== undefined && before.exponential !== undefined) native = since(before.exponential, native);
        value = classicSince(before.value, value);
      }
    }
    if (this.pointType === pointTypes.histogram) return value;
    return native && exponentialValue(native, value);
  }
}

function copyOf({ buckets: { boundaries, counts }, ...rest }: Histogram): Histogram {
  return { ...rest, buckets: { boundaries, counts: [...counts] } };
}

function copyOfExponential(given: ExponentialDistribution): ExponentialDistribution {
  const { schema, zeroThreshold, zeroCount, firstIndex, counts } = given;
  return { schema, zeroThreshold, zeroCount, firstIndex, counts: Array.from(counts) };
}

function classicSince(before: Histogram, now: Histogram): Histogram {
  const counts = now.buckets.counts.map((count, bucket) => count - (before.buckets.counts[bucket] ?? 0));
  const buckets = { boundaries: now.buckets.boundaries, counts };
  return { buckets, sum: (now.sum ?? 0) - (before.sum ?? 0), count: now.count - before.count };
}

/** The buckets may have become coarser since. */
function since(before: ExponentialDistribution, now: ExponentialDistribution): ExponentialDistribution {
  let comparable: Pick<ExponentialDistribution, "schema" | "firstIndex" | "counts"> = before;
  while (comparable.schema > now.schema) comparable = coarser(comparable);
  const shift = now.firstIndex - comparable.firstIndex;
  const counts = Array.from(now.counts, (count, slot) => count - (comparable.counts[slot + shift] ?? 0));
  return { ...now, zeroCount: now.zeroCount - before.zeroCount, counts };
}

/** OpenTelemetry's bucket i begins at factor^i, where Prometheus' one ends. */
function exponentialValue(distribution: ExponentialDistribution, { sum, count }: Histogram): ExponentialHistogram {
  const { schema, zeroCount, firstIndex } = distribution;
  const counts = Array.from(distribution.counts);
  const first = Math.max(
    0,
    counts.findIndex((each) => each > 0),
  );
  const bucketCounts = counts.slice(first, counts.findLastIndex((each) => each > 0) + 1);
  return {
    count,
    ...(sum !== undefined && { sum }),
    scale: schema,
    zeroCount,
    positive: { offset: firstIndex + first - 1, bucketCounts },
    negative: { offset: 0, bucketCounts: [] },
  };
}
