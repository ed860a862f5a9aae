import { type Attributes, ValueType } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  DataPointType,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import type { Exposition } from "../../src/telemetry/open-metrics/exposition.ts";
import { writeMetrics } from "../../src/telemetry/open-metrics/write-metrics.ts";

type Points<Value> = readonly (readonly [attributes: Attributes, value: Value])[];

/** What instruments say of themselves. */
interface About {
  readonly unit?: string;
  readonly description?: string;
}

export function gaugeData(name: string, points: Points<number>, about: About = {}): MetricData {
  return { ...metric(name, about), dataPointType: DataPointType.GAUGE, dataPoints: dataPoints(points) };
}

export function counterData(name: string, points: Points<number>, about: About = {}): MetricData {
  const data = { dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: dataPoints(points) } as const;
  return { ...metric(name, about), ...data };
}

export function histogramData(name: string, points: Points<Histogram>, about: About = {}): MetricData {
  return { ...metric(name, about), dataPointType: DataPointType.HISTOGRAM, dataPoints: dataPoints(points) };
}

/** A histogram's value; its count is that of the buckets. */
export function histogram(boundaries: number[], counts: number[], sum?: number): Histogram {
  const count = counts.reduce((total, each) => total + each, 0);
  return { buckets: { boundaries, counts }, count, ...(sum !== undefined && { sum }) };
}

/** Metrics by the scope that made them. */
export function resourceMetrics(
  metricsOf: Readonly<Record<string, readonly MetricData[]>>,
  resource: Attributes = {},
): ResourceMetrics {
  const scopeMetrics = Object.entries(metricsOf).map(([name, metrics]) => ({ scope: { name }, metrics: [...metrics] }));
  return { resource: resourceFromAttributes(resource), scopeMetrics };
}

/** Writes metrics of our own scope, and gives the complaints too. */
export function write(
  metrics: ResourceMetrics | readonly MetricData[],
  exposition: Exposition = "openmetrics",
): { readonly text: string; readonly lines: readonly string[]; readonly told: readonly string[] } {
  const told: string[] = [];
  const data = "scopeMetrics" in metrics ? metrics : resourceMetrics({ healthspan: metrics });
  const text = [...writeMetrics(data, exposition, (problem) => told.push(problem))].join("");
  return { text, lines: text.trimEnd().split("\n"), told };
}

function metric(name: string, { unit = "", description = "" }: About) {
  return {
    descriptor: { name, unit, description, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
}

function dataPoints<Value>(points: Points<Value>) {
  const time: [number, number] = [1_700_000_000, 0];
  return points.map(([attributes, value]) => ({ startTime: time, endTime: time, attributes, value }));
}
