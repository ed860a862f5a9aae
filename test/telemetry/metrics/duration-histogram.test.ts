import { INVALID_SPAN_CONTEXT } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import { DurationHistogram } from "../../../src/telemetry/metrics/duration-histogram.ts";
import { durationBounds as bounds } from "../../../src/telemetry/names.ts";

const recorded = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };
const classic = { kind: "classic", bounds } as const;

describe("DurationHistogram", () => {
  it("counts a value in the first bucket whose bound it does not exceed", () => {
    for (const [index, bound] of bounds.entries()) {
      const histogram = new DurationHistogram(classic);
      histogram.record(bound);
      histogram.record(bound * 1.000001);
      expect([histogram.counts[index], histogram.counts[index + 1]], `${bound} s`).toEqual([1, 1]);
      expect(histogram.counts).toHaveLength(bounds.length + 1);
    }
  });

  it("adds up what it counts", () => {
    const histogram = new DurationHistogram(classic);
    for (const seconds of [0, 0.25, 1000]) histogram.record(seconds);
    expect(histogram).toMatchObject({ sum: 1000.25, count: 3 });
    expect([histogram.counts.at(0), histogram.counts.at(-1)]).toEqual([1, 1]);
  });

  it.each(["classic", "native"] as const)("keeps the last trace of each bucket that can be looked up (%s)", (kind) => {
    const histogram = new DurationHistogram({ kind, bounds });
    histogram.offer(1e6, { ...recorded, spanId: "3".repeat(16) }, 1000);
    histogram.offer(2e6, recorded, 5500);
    histogram.offer(3e6, { ...recorded, traceFlags: 0 }, 6000);
    histogram.offer(0, INVALID_SPAN_CONTEXT, 7000);
    const { traceId, spanId } = recorded;
    expect(histogram.exemplars.filter((exemplar) => exemplar !== undefined)).toEqual([
      { traceId, spanId, value: 2e6, timestampSeconds: 5.5 },
    ]);
    expect(histogram.exemplars.at(bounds.length)).toBeDefined();
  });
});
