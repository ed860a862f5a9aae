import { millisToHrTime } from "@opentelemetry/core";
import { AggregationTemporality, AggregationType, DataPointType, InstrumentType } from "@opentelemetry/sdk-metrics";
import { describe, expect, it } from "vitest";
import {
  aggregationTypes,
  cumulative,
  delta,
  hrTime,
  instrumentTypes,
  pointTypes,
} from "../../../src/telemetry/metrics/metric-values.ts";

describe("the words for metric data", () => {
  it("are the SDK's", () => {
    expect(cumulative).toBe(AggregationTemporality.CUMULATIVE);
    expect(delta).toBe(AggregationTemporality.DELTA);
    expect(aggregationTypes).toEqual({
      default: AggregationType.DEFAULT,
      exponentialHistogram: AggregationType.EXPONENTIAL_HISTOGRAM,
    });
    expect(pointTypes).toEqual({
      histogram: DataPointType.HISTOGRAM,
      exponentialHistogram: DataPointType.EXPONENTIAL_HISTOGRAM,
      gauge: DataPointType.GAUGE,
      sum: DataPointType.SUM,
    });
    expect(instrumentTypes).toEqual({
      observableGauge: InstrumentType.OBSERVABLE_GAUGE,
      histogram: InstrumentType.HISTOGRAM,
    });
  });

  it.each([0, 1, 999.9996, 1_770_000_000_123.456, -1500])("give moments as the SDK does: %s", (milliseconds) => {
    expect(hrTime(milliseconds)).toEqual(millisToHrTime(milliseconds));
  });
});
