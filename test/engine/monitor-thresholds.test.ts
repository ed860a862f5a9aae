import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { ServiceUnavailable, ServiceWarning } from "../../src/health/errors.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { recordTelemetry } from "../support/telemetry.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const down = () => Promise.reject(new ServiceUnavailable("gone"));

function monitored(options: Parameters<typeof fakeCheck>[0]) {
  const check = fakeCheck({ name: "database", ...options });
  const monitor = new HealthMonitor([check], { logger: rememberingLogger() });
  const run = async (action: typeof check.action) => {
    check.action = action;
    const [report] = (await monitor.report()).checks;
    return report;
  };
  return { run };
}

describe("failureThreshold", () => {
  it("keeps the state until so many runs failed, while the run's own outcome stays visible", async () => {
    const { run } = monitored({ failureThreshold: 2 });
    await run(() => {});
    const { spans } = await recordTelemetry(async () => {
      const report = await run(down);
      expect(report).toMatchObject({ state: "healthy", failure: undefined, consecutiveFailures: 1 });
      expect(report?.durations.get("unavailable")?.count).toBe(1);
    });
    expect(spans[0]?.attributes).toMatchObject({ "health.check.state": "unhealthy", "error.type": "unavailable" });
    expect(await run(down)).toMatchObject({ state: "unhealthy", failure: { message: "gone" }, consecutiveFailures: 2 });
  });

  it("counts every turn of a check that does not come back", async () => {
    const check = fakeCheck({ name: "database", interval: "1s", timeout: "500ms", failureThreshold: 3 });
    const monitor = new HealthMonitor([check], { logger: rememberingLogger() });
    monitor.start();
    await vi.advanceTimersByTimeAsync(100);
    const back = Promise.withResolvers<void>();
    check.action = () => back.promise;
    await vi.advanceTimersByTimeAsync(1700);
    expect(monitor.reports()[0]).toMatchObject({ state: "healthy", consecutiveFailures: 1 });
    await vi.advanceTimersByTimeAsync(1700);
    expect(monitor.reports()[0]).toMatchObject({
      state: "unhealthy",
      failure: { reason: "timeout", message: "timed out after 500ms, and has not come back since" },
      consecutiveFailures: 3,
    });
    expect(check.runs).toBe(2);
    check.action = () => {};
    back.resolve();
    await vi.advanceTimersByTimeAsync(1500);
    expect(monitor.reports()[0]).toMatchObject({ state: "healthy", consecutiveFailures: 0 });
    await monitor.close();
  });

  it("shows beside a state how that state was found", async () => {
    const { run } = monitored({ failureThreshold: 2 });
    const slow = () => Promise.reject(new ServiceWarning("slow"));
    expect(await run(slow)).toMatchObject({
      state: "unknown",
      failure: { message: "warned 1 of 2 times: Warning: slow" },
    });
    expect(await run(down)).toMatchObject({ state: "degraded", failure: { kind: "Warning", message: "slow" } });
    expect(await run(down)).toMatchObject({ state: "unhealthy", failure: { kind: "Unavailable", message: "gone" } });
    expect(await run(slow)).toMatchObject({ state: "degraded", failure: { kind: "Warning", message: "slow" } });
  });

  it("counts anew after the moments in which failures do not count", async () => {
    const { run } = monitored({ failureThreshold: 3, startPeriod: "10s" });
    for (let times = 0; times < 5; times += 1) await run(down);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await run(down)).toMatchObject({
      state: "unknown",
      failure: { message: "failed 1 of 3 times: Unavailable: gone" },
    });
  });

  it("leaves a check that never passed unknown until then, and says why", async () => {
    const { run } = monitored({ failureThreshold: 3 });
    expect(await run(down)).toMatchObject({
      state: "unknown",
      failure: { kind: "Unknown", message: "failed 1 of 3 times: Unavailable: gone" },
    });
  });
});

describe("successThreshold", () => {
  it("keeps a failing check failing until so many runs passed, with what was wrong", async () => {
    const { run } = monitored({ successThreshold: 2 });
    await run(down);
    expect(await run(() => {})).toMatchObject({
      state: "unhealthy",
      failure: { message: "gone" },
      consecutiveFailures: 0,
    });
    expect(await run(() => {})).toMatchObject({ state: "healthy", failure: undefined });
  });
});

describe("startPeriod", () => {
  it("leaves failures of the first moments unknown", async () => {
    const { run } = monitored({ startPeriod: "10s" });
    expect(await run(down)).toMatchObject({
      state: "unknown",
      failure: { message: "is starting: Unavailable: gone" },
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await run(down)).toMatchObject({ state: "unhealthy" });
  });

  it("ends with the first run that passes", async () => {
    const { run } = monitored({ startPeriod: "10s" });
    expect(await run(() => {})).toMatchObject({ state: "healthy" });
    expect(await run(down)).toMatchObject({ state: "unhealthy" });
  });
});

describe("the span of a run", () => {
  it("tells which state the check left with it, when it is the one that counts", async () => {
    const { run } = monitored({ failureThreshold: 2 });
    const { spans } = await recordTelemetry(async () => {
      await run(() => {});
      await run(down);
      await run(down);
      await run(down);
    });
    expect(spans.map(({ attributes }) => attributes["health.check.previous_state"])).toEqual([
      "unknown",
      undefined,
      "healthy",
      undefined,
    ]);
  });
});
