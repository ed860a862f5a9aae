import { metrics } from "@opentelemetry/api";
import { MeterProvider, type MetricData } from "@opentelemetry/sdk-metrics";
import { afterEach, describe, expect, it } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import type { SharedMonitor, Sharing } from "../../../src/engine/sharing/sharing.ts";
import { CheckMetricProducer } from "../../../src/telemetry/metrics/check-metric-producer.ts";
import { PrometheusReader } from "../../../src/telemetry/open-metrics/prometheus-reader.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";

afterEach(() => metrics.disable());

/** A fleet of this replica alone, which exposes the checks that are named. */
class FakeSharing implements Sharing {
  readonly name = "shop";
  readonly exposed = new Set<string>();
  recordOf = (): undefined => undefined;
  begin = (monitor: SharedMonitor): void => monitor.hold(monitor.shared.map(({ name }) => name));
  found = (): void => {};
  wasAloneSince = (): boolean => false;
  isExposed = (name: string): boolean => this.exposed.has(name);
  replaced = (): void => {};
  recalled = (): void => {};
  mayRun = (): boolean => true;
}

const checks = () => [
  fakeCheck({ name: "here", interval: "1m" }),
  fakeCheck({ name: "elsewhere", interval: "1m" }),
  fakeCheck({ name: "everywhere", interval: "1m", everywhere: true }),
  fakeCheck({ name: "on request" }),
];

/** The names of the checks that a metric has series of, and their fleets. */
function seriesOf(collected: readonly MetricData[], name: string) {
  const points = collected.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
  const series = points.map(({ attributes }) => [attributes["health.check.name"], attributes["healthspan.fleet.name"]]);
  return Object.fromEntries(series);
}

describe("the metrics of checks that a fleet shares", () => {
  it("are there while the fleet exposes them, with its name; those of others always, without", async () => {
    const sharing = new FakeSharing();
    const producer = new CheckMetricProducer();
    await using monitor = watched(sharing, producer);
    const own = { everywhere: undefined, "on request": undefined };
    const collect = async () => (await producer.collect()).resourceMetrics.scopeMetrics.flatMap((each) => each.metrics);
    for (const name of ["health.check.state", "health.check.maintenance", "health.check.duration"]) {
      sharing.exposed.clear();
      expect(seriesOf(await collect(), name), name).toEqual(own);
      sharing.exposed.add("here");
      expect(seriesOf(await collect(), name), name).toEqual({ ...own, here: "shop" });
    }
    expect(monitor.reports().map(({ check }) => check.name)).toContain("elsewhere");
  });

  it("are the same where a program's own meter provider asks for them", async () => {
    const reader = new PrometheusReader();
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    const sharing = new FakeSharing();
    sharing.exposed.add("here");
    await using _monitor = watched(sharing);
    const { resourceMetrics } = await reader.collect();
    const collected = resourceMetrics.scopeMetrics.flatMap((each) => each.metrics);
    const expected = { here: "shop", everywhere: undefined, "on request": undefined };
    expect(seriesOf(collected, "health.check.state")).toEqual(expected);
  });

  it("say of an endpoint what all its checks say, wherever those run", async () => {
    const sharing = new FakeSharing();
    const producer = new CheckMetricProducer();
    const lost = fakeCheck({ name: "elsewhere", interval: "1m" });
    await using monitor = watched(sharing, producer, [fakeCheck({ name: "on request" }), lost]);
    await monitor.refresh(["on request"]);
    const { resourceMetrics } = await producer.collect();
    const overall = resourceMetrics.scopeMetrics
      .flatMap((each) => each.metrics)
      .find(({ descriptor }) => descriptor.name === "health.check.overall_status");
    expect(overall?.dataPoints.map(({ value }) => value)).toEqual([0]); // Nobody knows the one that has no series here.
  });
});

function watched(sharing: Sharing, producer?: CheckMetricProducer, of = checks()) {
  const monitor = new HealthMonitor(of, {
    sharing,
    logger: rememberingLogger(),
    ...(producer && { observe: producer.observe }),
  });
  return Object.assign(monitor, { [Symbol.asyncDispose]: () => monitor.close() });
}
