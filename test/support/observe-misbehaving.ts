import { metrics } from "@opentelemetry/api";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { afterAll, afterEach, beforeEach, expect } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import type { MonitorOptions } from "../../src/engine/monitor-options.ts";
import type { HealthCheck } from "../../src/health/health-check.ts";
import { PrometheusReader } from "../../src/telemetry/open-metrics/prometheus-reader.ts";
import { fakeCheck } from "./checks.ts";
import { rememberingLogger } from "./logs.ts";
import { recordTelemetry } from "./telemetry.ts";

const unknownError = {
  state: "unhealthy",
  failure: { kind: "Unknown Error", message: "unknown error", reason: "unknown" },
} as const;

const unexpected = (check: HealthCheck) => `the check "${check.name}" failed in an unexpected way`;

/** Runs checks that misbehave in a monitor of each test, and sees what is logged, traced and measured. */
export function observeMisbehaving() {
  const reader = new PrometheusReader();
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  afterAll(() => metrics.disable());

  const logger = rememberingLogger();
  let monitor: HealthMonitor;
  beforeEach(() => {
    logger.lines.length = 0;
  });
  afterEach(() => monitor.close());

  /** The monitor that is closed after the test. */
  function watch(checks: readonly HealthCheck[], options: MonitorOptions = {}): HealthMonitor {
    monitor = new HealthMonitor(checks, { logger, ...options });
    return monitor;
  }

  /** Lets a check take part twice, beside a healthy one: an odd run must not stand in the way of the next. */
  async function reportsOf(check: HealthCheck) {
    watch([check, fakeCheck({ name: "healthy" })]);
    const first = await monitor.report();
    const second = await monitor.report();
    for (const { checks } of [first, second]) expect(checks[1]).toMatchObject({ state: "healthy" });
    return [first.checks[0], second.checks[0]];
  }

  /** What counts is a result, the same in the log, the span and the metrics of the run. */
  async function isAnUnknownError(check: HealthCheck): Promise<void> {
    const { spans } = await recordTelemetry(async () => {
      for (const report of await reportsOf(check)) expect(report).toMatchObject(unknownError);
    });
    const errors = logger.lines.filter(({ level }) => level === "error");
    expect(errors.map(({ message }) => message)).toEqual([unexpected(check), unexpected(check)]);
    const runs = spans.filter(({ name }) => name === `check ${check.name}`);
    expect(runs).toHaveLength(2);
    for (const { attributes, status, events } of runs) {
      expect(attributes).toMatchObject({ "error.type": "unknown", "health.check.state": "unhealthy" });
      expect(status).toMatchObject({ message: "Unknown Error: unknown error" });
      expect(events).toMatchObject([{ name: "exception" }]);
    }
    expect(monitor.reports([check.name])[0]?.durations.get("unknown")?.count).toBe(2);
    const { resourceMetrics, errors: problems } = await reader.collect();
    expect(problems).toEqual([]);
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const duration = all.find(({ descriptor }) => descriptor.name === "health.check.duration");
    const counted = duration?.dataPoints.filter(({ attributes }) => attributes["health.check.name"] === check.name);
    expect(counted?.map(({ attributes }) => attributes["error.type"])).toEqual(["unknown"]);
  }

  return { logger, watch, reportsOf, isAnUnknownError, monitor: () => monitor };
}

/** Replaces a member of a check by what `get` gives or throws. */
export function withMember<Check extends HealthCheck>(check: Check, name: string, get: () => unknown): Check {
  return Object.defineProperty(check, name, { get });
}

export const throwing = (): never => {
  throw new TypeError("a defect");
};
