import type { Histogram, HistogramMetricData, MetricData } from "@opentelemetry/sdk-metrics";
import { describe, expect, it } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { ServiceUnavailable } from "../../../src/health/errors.ts";
import { metricTable } from "../../../src/telemetry/metric-table.ts";
import { CheckMetricProducer } from "../../../src/telemetry/metrics/check-metric-producer.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { Queue } from "../../support/thread-checks.ts";

describe("CheckMetricProducer", () => {
  it("has every series of a check from the start, but for the status", async () => {
    const { producer } = watch([fakeCheck({ name: "a" })]);
    const metrics = await collect(producer);
    expect(metrics.map(({ descriptor }) => descriptor.name)).toEqual([
      "health.check.state",
      "health.check.maintenance",
      "health.check.response_time",
      "health.check.last_run.timestamp",
      "health.check.last_success.timestamp",
      "health.check.consecutive_failures",
      "health.check.duration",
      "health.check.overall_status",
      "healthspan.scheduler.lag",
      "healthspan.event_loop.delay",
    ]);
    expect(pointsOf(metrics, "health.check.state")).toEqual([
      [{ "health.check.name": "a", "health.check.type": "fake-check", "health.check.state": "healthy" }, 0],
      [{ "health.check.name": "a", "health.check.type": "fake-check", "health.check.state": "degraded" }, 0],
      [{ "health.check.name": "a", "health.check.type": "fake-check", "health.check.state": "unhealthy" }, 0],
      [{ "health.check.name": "a", "health.check.type": "fake-check", "health.check.state": "unknown" }, 1],
      [{ "health.check.name": "a", "health.check.type": "fake-check", "health.check.state": "skipped" }, 0],
    ]);
    expect(pointsOf(metrics, "health.check.response_time")).toEqual([
      [{ "health.check.name": "a", "health.check.type": "fake-check" }, Number.NaN],
    ]);
    expect(pointsOf(metrics, "health.check.overall_status")).toEqual([[{ "health.check.endpoint": "/health/" }, 0]]);
  });

  it("tells when a certificate ends, of a check that saw one", async () => {
    const secure = fakeCheck({ name: "b" }, () => {
      secure.certificateExpiresAt = 1_800_000_000_500;
    });
    const { producer, monitor } = watch([fakeCheck({ name: "a" }), secure]);
    await monitor.report();
    expect(pointsOf(await collect(producer), "health.check.certificate.expiry.timestamp")).toEqual([
      [{ "health.check.name": "b", "health.check.type": "fake-check" }, 1_800_000_000.5],
    ]);
  });

  it("tells what the last run of a check measured, and nothing that it did not measure", async () => {
    const queue = new Queue({ depth: 8 });
    const { producer, monitor } = watch([queue, fakeCheck({ name: "a" })]);
    const values = async () => pointsOf(await collect(producer), "health.check.value");
    expect(await values()).toEqual([]);
    await monitor.report();
    const labels = { "health.check.name": "Queue", "health.check.type": "queue", "health.check.label.queue": "mail" };
    expect(await values()).toEqual([
      [{ ...labels, "health.check.measure.name": "depth", "health.check.measure.unit": "{jobs}" }, 8],
      [{ ...labels, "health.check.measure.name": "age", "health.check.measure.unit": "s" }, 1],
    ]);
    Object.assign(queue, { depth: 0 });
    await monitor.report();
    expect(await values()).toEqual([
      [{ ...labels, "health.check.measure.name": "depth", "health.check.measure.unit": "{jobs}" }, 0],
    ]);
    await monitor.replace([], []);
    expect(await values()).toEqual([]);
  });

  it("keeps what was measured while runs find nothing", async () => {
    const queue = new Queue({ depth: 8 });
    const { producer, monitor } = watch([queue]);
    await monitor.report();
    Object.assign(queue, { run: () => new Promise(() => {}) });
    const waiting = monitor.report();
    await monitor.close();
    await waiting;
    expect(monitor.reports()[0]?.measures).toMatchObject([{ value: 8 }, { value: 1 }]);
    expect(pointsOf(await collect(producer), "health.check.value")).toEqual([]); // The monitor is closed.
  });

  it("tells what the monitor knows, and counts runs by how they failed", async () => {
    const failing = fakeCheck({ name: "b" }, () => {
      throw new ServiceUnavailable("no", { reason: "dns" });
    });
    const { producer, monitor } = watch([fakeCheck({ name: "a" }), failing]);
    await monitor.report();
    await monitor.report();
    const metrics = await collect(producer);
    expect(pointsOf(metrics, "health.check.status")).toEqual([
      [{ "health.check.name": "a", "health.check.type": "fake-check" }, 1],
      [{ "health.check.name": "b", "health.check.type": "fake-check" }, 0],
    ]);
    expect(pointsOf(metrics, "health.check.consecutive_failures").map(([, value]) => value)).toEqual([0, 2]);
    expect(
      pointsOf(metrics, "health.check.duration").map(([attributes, value]) => [
        attributes,
        (value as HistogramMetricData["dataPoints"][number]["value"]).count, // The only histogram.
      ]),
    ).toEqual([
      [{ "health.check.name": "a", "health.check.type": "fake-check" }, 2],
      [{ "health.check.name": "b", "health.check.type": "fake-check" }, 0],
      [{ "health.check.name": "b", "health.check.type": "fake-check", "error.type": "dns" }, 2],
    ]);
  });

  it("gives the series of a histogram the same attributes object at every collection", async () => {
    const { producer, monitor } = watch([fakeCheck({ name: "a" }), new Queue({ depth: 1 })]);
    await monitor.report();
    const objects = async () =>
      (await collect(producer))
        .filter(({ descriptor }) => descriptor.name === "health.check.duration")
        .flatMap(({ dataPoints }) => dataPoints.map(({ attributes }) => attributes));
    const first = await objects();
    expect(first).toHaveLength(2);
    for (const [index, attributes] of (await objects()).entries()) expect(attributes).toBe(first[index]);
  });

  it("does not change what was collected when checks run afterwards", async () => {
    const { producer, monitor } = watch([fakeCheck({ name: "a" })]);
    await monitor.report();
    const metrics = await collect(producer);
    const countsOf = () =>
      pointsOf(metrics, "health.check.duration").map(([, value]) =>
        JSON.stringify((value as Histogram).buckets.counts),
      );
    const before = countsOf();
    await monitor.report();
    expect(countsOf()).toEqual(before);
  });

  it("makes points as they are read, and can be read again", async () => {
    const { producer, monitor } = watch([fakeCheck({ name: "a" }), fakeCheck({ name: "b" })]);
    await monitor.report();
    const metric = producer.metrics().find(({ descriptor }) => descriptor.name === "health.check.duration");
    const read = () => [...(metric?.dataPoints ?? [])].map(({ value }) => (value as Histogram).count);
    expect(read()).toEqual([1, 1]);
    await monitor.report();
    expect(read()).toEqual([2, 2]);
  });

  it("forgets the checks of a monitor that is closed or replaced", async () => {
    const { producer, monitor } = watch([fakeCheck({ name: "a" })]);
    const next = new HealthMonitor([fakeCheck({ name: "b" })], { observe: producer.observe });
    await monitor.close();
    const checks = async () =>
      pointsOf(await collect(producer), "health.check.state").map(([attributes]) => attributes["health.check.name"]);
    expect(new Set(await checks())).toEqual(new Set(["b"]));
    await next.close();
    expect(await collect(producer)).toEqual([]);
  });

  it("lets the event loop have its turn among many checks", async () => {
    const { producer } = watch(Array.from({ length: 1000 }, (_, index) => fakeCheck({ name: `check ${index}` })));
    let turns = 0;
    let collecting = true;
    const turn = (): void => {
      turns += 1;
      if (collecting) setImmediate(turn);
    };
    turn();
    await collect(producer);
    collecting = false;
    expect(turns).toBeGreaterThanOrEqual(9);
  });

  it("counts in a histogram of the process what its buckets hold, although more comes while the checks are written", () => {
    const producer = new CheckMetricProducer();
    const recorder = producer.observe({ endpoints: [], reports: () => [] });
    const lag = recorder.durations?.(metricTable.schedulerLag);
    const metrics = producer.metrics();
    lag?.record(0.001);
    const points =
      metrics.find(({ descriptor }) => descriptor.name === metricTable.schedulerLag.name)?.dataPoints ?? [];
    expect(Array.from(points, ({ value }) => value)).toMatchObject([{ count: 1, sum: 0.001 }]);
  });
});

function watch(checks: ConstructorParameters<typeof HealthMonitor>[0]) {
  const producer = new CheckMetricProducer();
  return { producer, monitor: new HealthMonitor(checks, { observe: producer.observe, logger: rememberingLogger() }) };
}

async function collect(producer: CheckMetricProducer): Promise<readonly MetricData[]> {
  const { resourceMetrics, errors } = await producer.collect();
  expect(errors).toEqual([]);
  expect(resourceMetrics.scopeMetrics.map(({ scope }) => scope.name)).toEqual(["healthspan"]);
  return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
}

function pointsOf(metrics: readonly MetricData[], name: string) {
  const points = metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
  return points.map(({ attributes, value }) => [attributes, value] as const);
}
