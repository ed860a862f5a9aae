import { type HrTime, ValueType } from "@opentelemetry/api";
import type {
  DataPoint,
  GaugeMetricData,
  Histogram,
  HistogramMetricData,
  InstrumentType,
  MetricData,
} from "@opentelemetry/sdk-metrics";
import type { CheckReport, DurationDistribution, Endpoint } from "../health/report.ts";
import { attributesOf } from "./check-attributes.ts";
import { checkGauges, durationMetric, observeOverallStatus, overallStatusMetric } from "./check-gauges.ts";
import { cumulative, hrTime, instrumentTypes, pointTypes } from "./metric-values.ts";

const distributionOf = new WeakMap<object, DurationDistribution>();

/** The distribution that a data point of the duration histogram was made from, which knows its exemplars. */
export function distributionBehind(attributes: object): DurationDistribution | undefined {
  return distributionOf.get(attributes);
}

/** Puts reports together as the SDK's metric data, without the SDK's hash maps: a scrape of many checks stays cheap. */
export class CheckMetrics {
  readonly #now: HrTime;
  readonly #startedAt: HrTime;
  readonly #gauges: readonly DataPoint<number>[][] = checkGauges.map(() => []);
  readonly #durations: DataPoint<Histogram>[] = [];
  readonly #overall: DataPoint<number>[] = [];

  /** @param startedAt since when the histograms count, in milliseconds since the epoch */
  constructor(startedAt: number, now: number) {
    this.#startedAt = hrTime(startedAt);
    this.#now = hrTime(now);
  }

  add(reports: readonly CheckReport[]): void {
    for (const [index, gauge] of checkGauges.entries()) {
      const observe = this.#into(this.#gauges[index] as DataPoint<number>[]);
      for (const report of reports) gauge.observe(report, observe);
    }
    for (const { check, durations } of reports) {
      for (const [reason, distribution] of durations) {
        const attributes = attributesOf(check).byOutcome(reason);
        distributionOf.set(attributes, distribution);
        const { bounds, counts, sum, count } = distribution;
        // The SDK's type lets the bounds be changed, which nobody does.
        const value = { buckets: { boundaries: bounds as number[], counts: [...counts] }, sum, count };
        this.#durations.push({ startTime: this.#startedAt, endTime: this.#now, attributes, value });
      }
    }
  }

  addOverallStatus(endpoints: readonly Endpoint[], reports: readonly CheckReport[]): void {
    observeOverallStatus(endpoints, reports, this.#into(this.#overall));
  }

  /** Families without a data point are left out, as the SDK does. */
  metrics(): MetricData[] {
    const histogram: HistogramMetricData = {
      descriptor: descriptor(durationMetric, instrumentTypes.histogram),
      aggregationTemporality: cumulative,
      dataPointType: pointTypes.histogram,
      dataPoints: this.#durations,
    };
    return [
      ...checkGauges.map((gauge, index) => gaugeData(gauge, this.#gauges[index] as DataPoint<number>[])),
      histogram,
      gaugeData(overallStatusMetric, this.#overall),
    ].filter(({ dataPoints }) => dataPoints.length > 0);
  }

  #into(points: DataPoint<number>[]) {
    return (value: number, attributes: DataPoint<number>["attributes"]): void => {
      points.push({ startTime: this.#now, endTime: this.#now, attributes, value });
    };
  }
}

/** A gauge's data points as the SDK has them. */
export function gaugeData(
  gauge: { readonly name: string; readonly unit: string; readonly description: string },
  dataPoints: DataPoint<number>[],
): GaugeMetricData {
  return {
    descriptor: descriptor(gauge, instrumentTypes.observableGauge),
    aggregationTemporality: cumulative,
    dataPointType: pointTypes.gauge,
    dataPoints,
  };
}

function descriptor(
  { name, unit, description }: { readonly name: string; readonly unit: string; readonly description: string },
  type: InstrumentType,
) {
  return { name, unit, description, type, valueType: ValueType.DOUBLE, advice: {} };
}
