import { describe, expect, it } from "vitest";
import type { HistoryBucket } from "../../src/health/history/history.ts";
import { p95, sparkline } from "../../src/page/response-times.ts";
import { ExponentialBuckets } from "../../src/telemetry/metrics/exponential-buckets.ts";
import { sampleCheck } from "../support/sample-reports.ts";

const seconds = { healthy: 900, degraded: 0, unhealthy: 0, unknown: 0, skipped: 0, maintenance: 0 };

function buckets(...medians: readonly (number | undefined)[]): readonly HistoryBucket[] {
  return medians.map((p50, index) => ({
    startsAt: index * 900_000,
    endsAt: (index + 1) * 900_000,
    seconds,
    runs: p50 === undefined ? 0 : 60,
    failures: 0,
    p50,
    p95: p50 === undefined ? undefined : 2 * p50,
  }));
}

const check = sampleCheck("cache");
const text = (...parameters: Parameters<typeof p95>) =>
  p95(...parameters)
    ?.toString()
    .replaceAll(/<[^>]*>/g, "");

describe("p95", () => {
  it("is that of the buckets when they are all alike", () => {
    expect(text(check, buckets(0.01, 0.01, undefined, 0.01), "24h")).toBe("20 ms");
  });

  it("lies between the buckets when they differ", () => {
    expect(text(check, buckets(...Array.from({ length: 50 }, () => 0.01), 1), "24h")).toBe("20 ms");
    expect(text(check, buckets(0.01, 1), "7d")).toBe("2 s");
  });

  it("says of which time it is", () => {
    expect(p95(check, buckets(0.01), "7d")?.toString()).toContain(
      'title="95 % of the runs of the last 7 days took at most 20 ms"',
    );
    expect(p95(check, undefined, "7d")?.toString()).toContain("of the runs since the start took");
  });

  it("is read from exponential buckets where they are kept, within their precision", () => {
    const exponential = new ExponentialBuckets();
    for (let index = 1; index <= 1000; index += 1) exponential.record(index / 1000);
    const empty = { bounds: [], counts: [], sum: 0, count: 0, exemplars: [] };
    const durations = new Map([[undefined, { ...empty, exponential }]]);
    expect(Number.parseFloat(text({ ...check, durations }, undefined, "24h") ?? "")).toBeCloseTo(950, -2);
  });

  it("is absent before the first run", () => {
    expect(p95(sampleCheck("new", { state: "unknown", hasRun: false }), undefined, "24h")).toBeUndefined();
    expect(p95(check, buckets(undefined), "24h")).toBeUndefined();
  });
});

describe("sparkline", () => {
  it("draws the typical durations as one line, which time without runs interrupts", () => {
    const path = (...medians: readonly (number | undefined)[]) =>
      /<path d="([^"]*)"/.exec(String(sparkline(buckets(...medians), "24h")))?.[1];
    expect(path(0.01, 0.005, 0.01)).toBe("M0 1l1 7l1-7");
    expect(path(0.01, undefined, 0.01, 0.01)).toBe("M0 1M2 1l1 0");
  });

  it("says from what to what they were", () => {
    expect(String(sparkline(buckets(0.01, 0.02), "30d"))).toContain(
      'aria-label="Median response times of the last 30 days: 10 ms to 20 ms"',
    );
  });

  it("is absent where there is nothing to compare", () => {
    expect(sparkline(buckets(0.01, undefined), "24h")).toBeUndefined();
  });
});
