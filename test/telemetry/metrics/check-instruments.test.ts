import { metrics } from "@opentelemetry/api";
import { DataPointType, MeterProvider, type MetricData } from "@opentelemetry/sdk-metrics";
import { afterEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { ServiceWarning } from "../../../src/health/errors.ts";
import { CheckMetricProducer } from "../../../src/telemetry/metrics/check-metric-producer.ts";
import { PrometheusReader } from "../../../src/telemetry/open-metrics/prometheus-reader.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { Queue } from "../../support/thread-checks.ts";

afterEach(() => metrics.disable());

describe("observeWithApi", () => {
  it("tells a host program's meter provider what the server reads from the monitor", async () => {
    const reader = new PrometheusReader();
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    const warning = fakeCheck({ name: "b" }, () => {
      throw new ServiceWarning("nearly full", { reason: "threshold" });
    });
    const monitor = new HealthMonitor([fakeCheck({ name: "a" }), warning, new Queue({ depth: 3 })], {
      logger: rememberingLogger(),
    });
    const producer = new CheckMetricProducer();
    producer.observe(monitor);
    await monitor.report();

    const { resourceMetrics } = await reader.collect();
    const instruments = resourceMetrics.scopeMetrics.flatMap((scopeMetrics) => scopeMetrics.metrics);
    const direct = (await producer.collect()).resourceMetrics.scopeMetrics.flatMap(
      (scopeMetrics) => scopeMetrics.metrics,
    );
    const byHost = described(instruments.filter(({ descriptor }) => descriptor.name.startsWith("health.")));
    // Only the monitor knows of a series before something has been recorded in it.
    expect(byHost).toEqual(
      described(direct).map((metric) => ({ ...metric, series: metric.series.filter(hasHappened) })),
    );
    expect(byHost).toHaveLength(10);
    await monitor.close();
  });

  it("asks no more of a monitor that is closed", async () => {
    const reader = new PrometheusReader();
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    const monitor = new HealthMonitor([fakeCheck({ name: "a" })], { logger: rememberingLogger() });
    const asked = vi.spyOn(monitor, "reports");
    await reader.collect();
    expect(asked).toHaveBeenCalledOnce();
    await monitor.close();
    await reader.collect();
    expect(asked).toHaveBeenCalledOnce();
  });
});

/** What two ways of telling must agree on. */
function described(metricData: readonly MetricData[]) {
  return metricData
    .map(({ descriptor: { name, unit, description }, dataPointType, dataPoints }) => ({
      name,
      unit,
      description,
      dataPointType,
      series: dataPoints.map(({ attributes, value }) => ({
        attributes: { ...attributes },
        value: dataPointType === DataPointType.HISTOGRAM ? distribution(value) : value,
      })),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function distribution(value: MetricData["dataPoints"][number]["value"]) {
  if (typeof value === "number" || !("buckets" in value)) throw new Error("it is no histogram");
  const { buckets, count, sum = 0 } = value;
  return { buckets, count, sum: sum.toFixed(9) };
}

function hasHappened({ value }: { readonly value: unknown }): boolean {
  return typeof value !== "object" || value === null || !("count" in value) || value.count !== 0;
}
