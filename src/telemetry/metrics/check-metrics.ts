import { type Attributes, ValueType } from "@opentelemetry/api";
import type { GaugeMetricData, Histogram, InstrumentType } from "@opentelemetry/sdk-metrics";
import type { Past } from "../../health/history/history.ts";
import type {
  CheckReport,
  DurationDistribution,
  Endpoint,
  Exemplar,
  ExponentialDistribution,
} from "../../health/report.ts";
import type { MetricDefinition } from "../metric-definition.ts";
import { metricTable } from "../metric-table.ts";
import { attributesOf } from "./check-attributes.ts";
import { type CheckGauge, checkGauges, type Observe, observeOverallStatus } from "./check-gauges.ts";
import { instrumentTypes, pointTypes } from "./metric-values.ts";

/** One value of a metric of the checks. */
export interface CheckPoint {
  readonly attributes: Attributes;
  readonly value: number | Histogram;
  /** The last trace of each bucket; of a histogram alone. */
  readonly exemplars?: readonly (Exemplar | undefined)[];
  /** The values of a histogram in exponential buckets, when they are kept. */
  readonly exponential?: ExponentialDistribution | undefined;
}

/** A metric of the checks. Its points are made each time they are read, so that they are never all in memory. */
export interface CheckMetric {
  readonly descriptor: GaugeMetricData["descriptor"];
  readonly dataPointType: typeof pointTypes.gauge | typeof pointTypes.histogram;
  readonly dataPoints: Iterable<CheckPoint>;
}

/**
 * The metrics of checks and endpoints. A metric may have no point.
 * @param past what was; without it there is no uptime
 */
export function checkMetrics(
  reports: readonly CheckReport[],
  endpoints: readonly Pick<Endpoint, "path" | "checks" | "degraded">[],
  past?: Past | undefined,
): readonly CheckMetric[] {
  const overall = observed((observe) => observeOverallStatus(endpoints, reports, observe));
  return [
    ...checkGauges.map((gauge) => gaugeMetric(gauge, { [Symbol.iterator]: () => gaugePoints(gauge, reports, past) })),
    histogramMetric(metricTable.duration, { [Symbol.iterator]: () => durationPoints(reports) }),
    gaugeMetric(metricTable.overallStatus, overall),
  ];
}

/** A gauge with these points. */
export function gaugeMetric(gauge: MetricDefinition, dataPoints: Iterable<CheckPoint>): CheckMetric {
  return {
    descriptor: descriptor(gauge, instrumentTypes.observableGauge),
    dataPointType: pointTypes.gauge,
    dataPoints,
  };
}

/** A histogram with these points. */
export function histogramMetric(histogram: MetricDefinition, dataPoints: Iterable<CheckPoint>): CheckMetric {
  return {
    descriptor: descriptor(histogram, instrumentTypes.histogram),
    dataPointType: pointTypes.histogram,
    dataPoints,
  };
}

/** A histogram's point. */
export function durationPoint(attributes: Attributes, distribution: DurationDistribution): CheckPoint {
  const { bounds, counts, sum, count, exemplars, exponential } = distribution;
  // The SDK's type allows changes to both, which do not happen.
  const buckets = { boundaries: bounds as number[], counts: counts as number[] };
  return { attributes, value: { buckets, sum, count }, exemplars, exponential };
}

function* gaugePoints(
  gauge: CheckGauge,
  reports: readonly CheckReport[],
  past: Past | undefined,
): Generator<CheckPoint, void> {
  for (const report of reports) yield* observed((observe) => gauge.observe(report, observe, past));
}

function* durationPoints(reports: readonly CheckReport[]): Generator<CheckPoint, void> {
  for (const { check, durations } of reports) {
    const attributes = attributesOf(check);
    for (const [reason, distribution] of durations) yield durationPoint(attributes.byOutcome(reason), distribution);
  }
}

function observed(observing: (observe: Observe) => void): readonly CheckPoint[] {
  const points: CheckPoint[] = [];
  observing((value, attributes) => points.push({ attributes, value }));
  return points;
}

function descriptor({ name, unit, description }: MetricDefinition, type: InstrumentType) {
  return { name, unit, description, type, valueType: ValueType.DOUBLE, advice: {} };
}
