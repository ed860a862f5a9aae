import type { SpanContext } from "@opentelemetry/api";
import type { DurationDistribution, Exemplar } from "../../health/report.ts";
import { durationBounds } from "../names.ts";
import { isRecorded } from "../traces/recorded-trace.ts";
import { ExponentialBuckets } from "./exponential-buckets.ts";
import { type HistogramShape, isClassic, isNative } from "./histogram-shape.ts";

/** Counts durations, and keeps the last sampled trace of each bucket. */
export class DurationHistogram implements DurationDistribution {
  readonly bounds: readonly number[];
  readonly counts: number[];
  readonly exponential: ExponentialBuckets | undefined;
  readonly exemplars: (Exemplar | undefined)[] = [];
  sum = 0;
  count = 0;

  constructor({ kind, bounds }: HistogramShape) {
    this.bounds = isClassic(kind) ? bounds : [];
    this.counts = new Array<number>(this.bounds.length + 1).fill(0);
    this.exponential = isNative(kind) ? new ExponentialBuckets() : undefined;
  }

  record(seconds: number): void {
    const bucket = bucketOf(seconds, this.bounds);
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
    this.exponential?.record(seconds);
    this.sum += seconds;
    this.count += 1;
  }

  /**
   * Keeps the trace of a duration that was recorded.
   * @param spanContext the run's span; only a recorded one becomes an exemplar, because every exemplar must lead to
   * a trace that exists
   * @param endedAt milliseconds since the epoch
   */
  offer(seconds: number, spanContext: SpanContext, endedAt: number): void {
    if (!isRecorded(spanContext)) return;
    const { traceId, spanId } = spanContext;
    // Without classic buckets, exemplars are still spread over the durations.
    const bucket = bucketOf(seconds, this.bounds.length > 0 ? this.bounds : durationBounds);
    this.exemplars[bucket] = { traceId, spanId, value: seconds, timestampSeconds: endedAt / 1000 };
  }
}

function bucketOf(seconds: number, bounds: readonly number[]): number {
  let bucket = 0;
  while (bucket < bounds.length && seconds > (bounds[bucket] as number)) bucket += 1;
  return bucket;
}
