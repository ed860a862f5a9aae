import { describe, expect, it } from "vitest";
import { durationPoint } from "../../../src/telemetry/metrics/check-metrics.ts";
import { DurationHistogram } from "../../../src/telemetry/metrics/duration-histogram.ts";
import { HistogramPoints } from "../../../src/telemetry/metrics/histogram-points.ts";

const attributes = Object.freeze({ check: "a" });

function pointsOf(form: { exponential: boolean; delta: boolean }) {
  const histogram = new DurationHistogram({ kind: "both", bounds: [0.1, 1] });
  const points = new HistogramPoints(form, 1000);
  return {
    record: (...seconds: readonly number[]) => {
      for (const each of seconds) histogram.record(each);
    },
    begin: (now: number) => points.begin(now),
    value: () => {
      const point = durationPoint(attributes, histogram);
      return points.valueOf(point, point.value as Exclude<typeof point.value, number>);
    },
  };
}

describe("HistogramPoints", () => {
  it("counts from the start for a reader that wants that", () => {
    const { record, begin, value } = pointsOf({ exponential: false, delta: false });
    expect(value()).toEqual({ buckets: { boundaries: [0.1, 1], counts: [0, 0, 0] }, sum: 0, count: 0 });
    record(0.05, 0.5);
    expect(begin(2000)).toBe(1000);
    const first = value();
    record(2);
    expect(begin(3000)).toBe(1000);
    expect(value()).toEqual({ buckets: { boundaries: [0.1, 1], counts: [1, 1, 1] }, sum: 2.55, count: 3 });
    expect(first).toEqual({ buckets: { boundaries: [0.1, 1], counts: [1, 1, 0] }, sum: 0.55, count: 2 });
  });

  it("counts since the last collection for a reader that wants that, and leaves out what has not changed", () => {
    const { record, begin, value } = pointsOf({ exponential: false, delta: true });
    record(0.25, 0.5);
    expect(begin(2000)).toBe(1000);
    expect(value()).toEqual({ buckets: { boundaries: [0.1, 1], counts: [0, 2, 0] }, sum: 0.75, count: 2 });
    expect(begin(3000)).toBe(2000);
    expect(value()).toBeUndefined();
    record(2);
    expect(begin(4000)).toBe(3000);
    expect(value()).toEqual({ buckets: { boundaries: [0.1, 1], counts: [0, 0, 1] }, sum: 2, count: 1 });
  });

  it("gives OpenTelemetry's exponential buckets, of which each begins where its index says", () => {
    const { record, value } = pointsOf({ exponential: true, delta: false });
    expect(value()).toMatchObject({ count: 0, scale: 3, positive: { bucketCounts: [] } });
    record(0.5, 0.5, 1, 0);
    expect(value()).toEqual({
      count: 4,
      sum: 2,
      scale: 3,
      zeroCount: 1,
      positive: { offset: -9, bucketCounts: [2, 0, 0, 0, 0, 0, 0, 0, 1] },
      negative: { offset: 0, bucketCounts: [] },
    });
  });

  it("compares buckets with finer ones of the last collection", () => {
    const { record, value } = pointsOf({ exponential: true, delta: true });
    record(0.5, 0.5, 0, 2 ** -19);
    expect(value()).toMatchObject({ scale: 3, count: 4, zeroCount: 1 });
    record(0.5, 4);
    expect(value()).toEqual({
      count: 2,
      sum: 4.5,
      scale: 2,
      zeroCount: 0,
      positive: { offset: -5, bucketCounts: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] },
      negative: { offset: 0, bucketCounts: [] },
    });
  });
});
