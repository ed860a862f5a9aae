import { setImmediate as breathe } from "node:timers/promises";
import type {
  CollectionResult,
  DataPoint,
  GaugeMetricData,
  Histogram,
  HistogramMetricData,
  MetricData,
  MetricProducer,
} from "@opentelemetry/sdk-metrics";
import { scope } from "../../health/instrumentation/scope.ts";
import type { CheckSource } from "./check-gauges.ts";
import type { RunRecorder } from "./check-instruments.ts";
import { type CheckMetric, checkMetrics } from "./check-metrics.ts";
import { cumulative, hrTime, pointTypes } from "./metric-values.ts";

/** The event loop gets a turn after this many points. */
const pointsAtATime = 1000;

/**
 * Gives the checks' metrics to metric readers straight from the monitor. The SDK's own instruments would hold the
 * event loop for each scrape of many checks, keep the series of removed checks, and forget the exemplars.
 */
export class CheckMetricProducer implements MetricProducer {
  readonly #startedAt = hrTime(Date.now());
  #source: CheckSource | undefined;

  /** Reads the metrics from `source` from now on. */
  readonly observe = (source: CheckSource): RunRecorder => {
    this.#source = source;
    return {
      record: () => {}, // The monitor counts its runs itself.
      close: () => {
        if (this.#source === source) this.#source = undefined;
      },
    };
  };

  /** The current metrics. Their points are made as they are read, so that even very many are never all in memory. */
  metrics(): readonly CheckMetric[] {
    const source = this.#source;
    return source === undefined ? [] : checkMetrics(source.reports(), source.endpoints);
  }

  /** All at once, as the SDK's exporters want it. Metrics without a point are left out, as the SDK does. */
  async collect(): Promise<CollectionResult> {
    const { emptyResource } = await import("@opentelemetry/resources");
    const now = hrTime(Date.now());
    const metrics: MetricData[] = [];
    for (const metric of this.metrics()) {
      const points: DataPoint<number | Histogram>[] = [];
      for (const { attributes, value } of metric.dataPoints) {
        const startTime = typeof value === "number" ? now : this.#startedAt;
        points.push({ startTime, endTime: now, attributes, value: typeof value === "number" ? value : copy(value) });
        if (points.length % pointsAtATime === 0) await breathe();
      }
      if (points.length > 0) metrics.push(metricData(metric, points));
    }
    const scopeMetrics = [{ scope, metrics }];
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
  }
}

/** The monitor counts on while the exporter writes. */
function copy({ buckets: { boundaries, counts }, ...rest }: Histogram): Histogram {
  return { ...rest, buckets: { boundaries, counts: [...counts] } };
}

/** The kind of its points follows from the metric's, which the SDK's types cannot know. */
function metricData({ descriptor, dataPointType }: CheckMetric, points: DataPoint<number | Histogram>[]): MetricData {
  const shared = { descriptor, aggregationTemporality: cumulative } as const;
  return dataPointType === pointTypes.histogram
    ? { ...shared, dataPointType, dataPoints: points as HistogramMetricData["dataPoints"] }
    : { ...shared, dataPointType, dataPoints: points as GaugeMetricData["dataPoints"] };
}
