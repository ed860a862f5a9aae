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
import { attributesOf, type CheckAttributes } from "./check-attributes.ts";
import {
  type CheckGauge,
  type CheckSource,
  checkGauges,
  exposedOf,
  type Observe,
  observeOverallStatus,
} from "./check-gauges.ts";
import { instrumentTypes, pointTypes } from "./metric-values.ts";

/** One value of a metric of the checks. */
export interface CheckPoint {
  readonly attributes: Attributes;
  /** Attributes in addition to those: with them they would be as many objects as there are points. None has the label of another. */
  readonly added?: Attributes | undefined;
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
 * @param isExposed which of the checks that a fleet shares have series; whether an endpoint passes is told of all checks
 */
export function checkMetrics(
  reports: readonly CheckReport[],
  endpoints: readonly Pick<Endpoint, "path" | "checks" | "degraded">[],
  past?: Past | undefined,
  isExposed?: CheckSource["isExposed"],
): readonly CheckMetric[] {
  const attributes: CheckAttributes[] = [];
  const exposed = exposedOf(reports, { isExposed });
  const overall = observed((observe) => observeOverallStatus(endpoints, reports, observe));
  return [
    ...checkGauges.map((gauge) =>
      gaugeMetric(gauge, { [Symbol.iterator]: () => gaugePoints(gauge, exposed, attributes, past) }),
    ),
    histogramMetric(metricTable.duration, { [Symbol.iterator]: () => durationPoints(exposed, attributes) }),
    gaugeMetric(metricTable.overallStatus, overall),
  ];
}

/** Everything that a point has, in one object. */
export function allAttributes({ attributes, added }: Pick<CheckPoint, "attributes" | "added">): Attributes {
  return added === undefined ? attributes : { ...attributes, ...added };
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

/** @param attributes those of each report's check, looked up by the first metric for all others */
function* gaugePoints(
  gauge: CheckGauge,
  reports: readonly CheckReport[],
  attributes: CheckAttributes[],
  past: Past | undefined,
): Generator<CheckPoint, void> {
  let points: CheckPoint[] = [];
  const observe: Observe = (value, labels, added) => points.push({ attributes: labels, added, value });
  for (const [index, report] of reports.entries()) {
    attributes[index] ??= attributesOf(report.check);
    const ofCheck = attributes[index];
    gauge.observe(report, ofCheck, ofCheck.hasOwnLabel ? observeJoined(ofCheck, observe) : observe, past);
    for (const point of points) yield point;
    points = [];
  }
}

function observeJoined(ofCheck: CheckAttributes, observe: Observe): Observe {
  return (value, labels, added) => observe(value, added === undefined ? labels : ofCheck.with(added));
}

function* durationPoints(reports: readonly CheckReport[], attributes: CheckAttributes[]): Generator<CheckPoint, void> {
  for (const [index, { check, durations }] of reports.entries()) {
    attributes[index] ??= attributesOf(check);
    const ofCheck = attributes[index];
    for (const [reason, distribution] of durations) yield durationPoint(ofCheck.byOutcome(reason), distribution);
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
