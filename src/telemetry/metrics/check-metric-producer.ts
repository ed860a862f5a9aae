import { setImmediate as breathe } from "node:timers/promises";
import type { Attributes } from "@opentelemetry/api";
import type {
  CollectionResult,
  DataPoint,
  ExponentialHistogram,
  Histogram,
  MetricData,
  MetricProducer,
} from "@opentelemetry/sdk-metrics";
import { scope } from "../../health/instrumentation/scope.ts";
import type { CheckSource } from "./check-gauges.ts";
import type { HistogramDefinition, RunRecorder } from "./check-instruments.ts";
import { allAttributes, type CheckMetric, checkMetrics, durationPoint, histogramMetric } from "./check-metrics.ts";
import { DurationHistogram } from "./duration-histogram.ts";
import { HistogramPoints } from "./histogram-points.ts";
import { defaultShape, type HistogramShape } from "./histogram-shape.ts";
import { cumulative, hrTime, pointTypes } from "./metric-values.ts";

/** The event loop gets a turn after this many points. */
const pointsAtATime = 1000;

/** A histogram of the process itself. */
interface OwnHistogram {
  readonly attributes: Attributes;
  readonly durations: DurationHistogram;
}

/**
 * Gives the checks' metrics to metric readers straight from the monitor. The SDK's own instruments would hold the
 * event loop for each scrape of many checks, keep the series of removed checks, forget the exemplars, and give all readers the
 * buckets that one of them wants.
 */
export class CheckMetricProducer implements MetricProducer {
  readonly #startedAt = Date.now();
  readonly #shape: HistogramShape;
  readonly #own = new Map<HistogramDefinition, OwnHistogram>();
  #source: CheckSource | undefined;

  /** @param shape how durations are counted */
  constructor(shape: HistogramShape = defaultShape) {
    this.#shape = shape;
  }

  /** Reads the metrics from `source` from now on. */
  readonly observe = (source: CheckSource): RunRecorder => {
    this.#source = source;
    return {
      record: () => {}, // The monitor counts its runs itself.
      histogram: this.#shape,
      durations: (definition) => this.#ownHistogram(definition).durations,
      close: () => {
        if (this.#source === source) this.#source = undefined;
      },
    };
  };

  /** The current metrics. Their points are made as they are read, so that even very many are never all in memory. */
  metrics(): readonly CheckMetric[] {
    const source = this.#source;
    if (source === undefined) return [];
    // A point is made when it is read: its count and its buckets have to be of one moment.
    const own = [...this.#own].map(([definition, { attributes, durations }]) =>
      histogramMetric(definition, { [Symbol.iterator]: () => [durationPoint(attributes, durations)].values() }),
    );
    return [...checkMetrics(source.reports(), source.endpoints, source.history, source.isExposed), ...own];
  }

  /** Cumulative, and with classic buckets. */
  collect(): Promise<CollectionResult> {
    return this.#collect(new HistogramPoints({ exponential: false, delta: false }, this.#startedAt));
  }

  /** The same for a reader that wants histograms in another form. */
  collectingFor(form: { readonly exponential: boolean; readonly delta: boolean }): MetricProducer {
    const points = new HistogramPoints(form, this.#startedAt);
    return { collect: () => this.#collect(points) };
  }

  /** All at once, as the SDK's exporters want it. Metrics without a point are left out, as the SDK does. */
  async #collect(histograms: HistogramPoints): Promise<CollectionResult> {
    const { emptyResource } = await import("@opentelemetry/resources");
    const endedAt = Date.now();
    const now = hrTime(endedAt);
    const startTime = hrTime(histograms.begin(endedAt));
    const metrics: MetricData[] = [];
    for (const { descriptor, dataPointType, dataPoints } of this.metrics()) {
      const points: DataPoint<number | Histogram | ExponentialHistogram>[] = [];
      for (const point of dataPoints) {
        const { value: given } = point;
        const attributes = allAttributes(point);
        const value = typeof given === "number" ? given : histograms.valueOf(point, given);
        if (value === undefined) continue;
        points.push({ startTime: typeof value === "number" ? now : startTime, endTime: now, attributes, value });
        if (points.length % pointsAtATime === 0) await breathe();
      }
      if (points.length === 0) continue;
      const form =
        dataPointType === pointTypes.histogram
          ? { dataPointType: histograms.pointType, aggregationTemporality: histograms.temporality }
          : { dataPointType, aggregationTemporality: cumulative };
      // The kind of its points follows from the metric's, which the SDK's types cannot know.
      metrics.push({ descriptor, ...form, dataPoints: points } as MetricData);
    }
    const scopeMetrics = [{ scope, metrics }];
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
  }

  #ownHistogram(definition: HistogramDefinition): OwnHistogram {
    let own = this.#own.get(definition);
    if (own === undefined) {
      const shape = this.#shape.kind === "none" ? { ...this.#shape, kind: defaultShape.kind } : this.#shape;
      own = { attributes: Object.freeze({}), durations: new DurationHistogram(shape) };
      this.#own.set(definition, own);
    }
    return own;
  }
}
