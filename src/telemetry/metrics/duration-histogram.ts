import type { SpanContext } from "@opentelemetry/api";
import type { DurationDistribution, Exemplar } from "../../health/report.ts";
import { durationBounds } from "../names.ts";
import { isRecorded } from "../traces/recorded-trace.ts";

/** Counts how long runs took and keeps the last sampled trace of each bucket. */
export class DurationHistogram implements DurationDistribution {
  readonly bounds: readonly number[] = durationBounds;
  readonly counts: number[] = new Array<number>(durationBounds.length + 1).fill(0);
  readonly exemplars: (Exemplar | undefined)[] = [];
  sum = 0;
  count = 0;

  /**
   * @param spanContext the run's span; only a recorded one becomes an exemplar, because every exemplar must lead to
   * a trace that exists
   * @param endedAt milliseconds since the epoch
   */
  record(seconds: number, spanContext: SpanContext, endedAt: number): void {
    let bucket = 0;
    while (bucket < durationBounds.length && seconds > (durationBounds[bucket] as number)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
    this.sum += seconds;
    this.count += 1;
    if (!isRecorded(spanContext)) return;
    const { traceId, spanId } = spanContext;
    this.exemplars[bucket] = { traceId, spanId, value: seconds, timestampSeconds: endedAt / 1000 };
  }
}
