import { metrics } from "@opentelemetry/api";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { afterEach, describe, expect, it } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import type { MonitorOptions } from "../../src/engine/monitor-options.ts";
import { openMetrics } from "../../src/formats/open-metrics.ts";
import { CheckMetricProducer } from "../../src/telemetry/metrics/check-metric-producer.ts";
import { PrometheusReader } from "../../src/telemetry/open-metrics/prometheus-reader.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { recordTelemetry } from "../support/telemetry.ts";

afterEach(() => metrics.disable());

describe("the durations of a monitor's reports", () => {
  it("have the given buckets, also of checks that come later", async () => {
    const { monitor, durations } = await run({ buckets: [0.5, 60] });
    expect(durations()).toMatchObject({ bounds: [0.5, 60], counts: [1, 0, 0], exponential: undefined });
    await monitor.replace([fakeCheck({ name: "b" })], [{ path: "/health/" }]);
    expect(durations()).toMatchObject({ bounds: [0.5, 60], counts: [0, 0, 0] });
  });

  it("are in both kinds of buckets at once", async () => {
    const { durations } = await run({ histogram: "both", buckets: [60] });
    const { bounds, counts, exponential } = durations() ?? {};
    expect({ bounds, counts }).toEqual({ bounds: [60], counts: [1, 0] });
    const exponentials = Array.from(exponential?.counts ?? []).reduce((sum, count) => sum + count, 0);
    expect(exponentials + (exponential?.zeroCount ?? 0)).toBe(1);
  });

  it("are in exponential buckets alone: a text has their number and sum, and the newest exemplar", async () => {
    let text = "";
    const { spans } = await recordTelemetry(async () => {
      const { monitor } = await run({ histogram: "native" });
      text = openMetrics.render(await monitor.report(), { url: "", offer: openMetrics.offers[0] });
    });
    const lines = text.split("\n").filter((line) => line.startsWith("health_check_duration_seconds"));
    expect(lines.map((line) => line.replace(/ [\d.e-]+( \d+\.\d+)?$/, ""))).toEqual([
      expect.stringContaining(
        `health_check_duration_seconds_bucket{check="a",type="fake-check",le="+Inf"} 2 # {trace_id="${spans.at(-1)?.traceId}"`,
      ),
      'health_check_duration_seconds_sum{check="a",type="fake-check"}',
      'health_check_duration_seconds_count{check="a",type="fake-check"}',
    ]);
  });

  it("are not there when nobody wants them", async () => {
    const { monitor, durations } = await run({ histogram: "none" });
    expect(durations()).toBeUndefined();
    const text = openMetrics.render(await monitor.report(), { url: "", offer: openMetrics.offers[0] });
    expect(text).toContain("health_check_status");
    expect(text).not.toContain("health_check_duration_seconds");
  });

  it("are as the taker of the metrics wants them", async () => {
    const producer = new CheckMetricProducer({ kind: "none", bounds: [1] });
    const { durations } = await run({ histogram: "both", observe: producer.observe });
    expect(durations()).toBeUndefined();
    const names = producer
      .metrics()
      .flatMap(({ descriptor, dataPoints }) => ([...dataPoints].length > 0 ? descriptor.name : []));
    expect(names).not.toContain("health.check.duration");
    // What the process tells of itself is no histogram of checks.
    expect(names).toContain("healthspan.scheduler.lag");
  });
});

describe("the histogram of a program's own meter provider", () => {
  it.each([
    ["classic", [0.5, 60]],
    ["none", undefined],
  ] as const)("has, for %s, the bounds %j", async (histogram, bounds) => {
    const reader = new PrometheusReader();
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    const { monitor } = await run({ histogram, buckets: [0.5, 60] });
    const { resourceMetrics } = await reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const duration = all.find(({ descriptor }) => descriptor.name === "health.check.duration");
    expect(duration?.dataPoints[0]?.value).toEqual(
      bounds && expect.objectContaining({ buckets: { boundaries: bounds, counts: [1, 0, 0] } }),
    );
    await monitor.close();
  });
});

async function run(options: MonitorOptions) {
  const monitor = new HealthMonitor([fakeCheck({ name: "a" })], { logger: rememberingLogger(), ...options });
  await monitor.report();
  return { monitor, durations: () => monitor.reports()[0]?.durations.get(undefined) };
}
