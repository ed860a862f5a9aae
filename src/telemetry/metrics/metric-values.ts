import type { HrTime } from "@opentelemetry/api";
import type {
  AggregationTemporality,
  AggregationType,
  DataPointType,
  InstrumentType,
} from "@opentelemetry/sdk-metrics";

// The SDK's words for metric data, without the SDK: a program that embeds Healthspan need not have it, and the server
// answers sooner when it is loaded after the first answer. A test proves them equal.

export const cumulative: AggregationTemporality.CUMULATIVE = 1;

export const delta: AggregationTemporality.DELTA = 0;

export const pointTypes = {
  histogram: 0 as DataPointType.HISTOGRAM,
  exponentialHistogram: 1 as DataPointType.EXPONENTIAL_HISTOGRAM,
  gauge: 2 as DataPointType.GAUGE,
  sum: 3 as DataPointType.SUM,
} as const;

export const aggregationTypes = {
  default: 0 as AggregationType.DEFAULT,
  exponentialHistogram: 5 as AggregationType.EXPONENTIAL_HISTOGRAM,
} as const;

/** The SDK's enumeration is of texts, which TypeScript takes for its members by a cast alone. */
export const instrumentTypes = {
  observableGauge: "OBSERVABLE_GAUGE" as InstrumentType.OBSERVABLE_GAUGE,
  histogram: "HISTOGRAM" as InstrumentType.HISTOGRAM,
} as const;

/** A moment in milliseconds since the epoch, as seconds and nanoseconds. */
export function hrTime(milliseconds: number): HrTime {
  return [Math.trunc(milliseconds / 1000), Math.round((milliseconds % 1000) * 1e6)];
}
