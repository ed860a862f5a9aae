import type { BatchObservableCallback, ObservableCallback } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { describe, expect, it, vi } from "vitest";
import { LateMeterProvider } from "../../../src/telemetry/metrics/late-meter-provider.ts";

/** A provider of the SDK, and what is read of it: each metric's values by its name. */
function sdk() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const read = async (): Promise<Record<string, unknown>> => {
    exporter.reset();
    await provider.forceFlush();
    const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    return Object.fromEntries(
      metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ value }) => value)]),
    );
  };
  return { provider, read };
}

describe("LateMeterProvider", () => {
  it("measures what was measured before the SDK was there, and what comes after", async () => {
    const late = new LateMeterProvider();
    const meter = late.getMeter("healthspan", "1.0.0");
    const counter = meter.createCounter("counter");
    const upDown = meter.createUpDownCounter("up_down");
    const histogram = meter.createHistogram("histogram", { advice: { explicitBucketBoundaries: [1, 2] } });
    const gauge = meter.createGauge("gauge");
    counter.add(1);
    upDown.add(-3);
    histogram.record(1.5);
    gauge.record(7);
    const { provider, read } = sdk();
    late.settle(provider);
    counter.add(2);
    histogram.record(0.5);
    late.getMeter("healthspan", "1.0.0").createCounter("later").add(5);
    expect(await read()).toMatchObject({
      counter: [3],
      up_down: [-3],
      histogram: [{ count: 2, buckets: { boundaries: [1, 2], counts: [1, 1, 0] } }],
      gauge: [7],
      later: [5],
    });
    await provider.shutdown();
  });

  it("observes what was to be observed before the SDK was there, and no longer what is removed", async () => {
    const late = new LateMeterProvider();
    const meter = late.getMeter("healthspan");
    const observe =
      (value: number): ObservableCallback =>
      (result) =>
        result.observe(value);
    const [kept, removed] = [observe(1), observe(2)];
    const gauge = meter.createObservableGauge("gauge");
    gauge.addCallback(removed);
    gauge.removeCallback(removed);
    gauge.addCallback(kept);
    meter.createObservableCounter("counter").addCallback(observe(3));
    meter.createObservableUpDownCounter("up_down").addCallback(observe(-4));
    const one = meter.createObservableGauge("one");
    const batch = vi.fn<BatchObservableCallback>((result) => result.observe(one, 6));
    meter.addBatchObservableCallback(batch, [one]);
    const { provider, read } = sdk();
    late.settle(provider);
    expect(await read()).toEqual({ gauge: [1], counter: [3], up_down: [-4], one: [6] });
    meter.removeBatchObservableCallback(batch, [one]);
    gauge.removeCallback(kept);
    expect(batch).toHaveBeenCalledTimes(1);
    await read();
    expect(batch).toHaveBeenCalledTimes(1); // The SDK itself repeats what it observed last.
    await provider.shutdown();
  });
});
