import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import { HealthCheck } from "../../src/health/health-check.ts";
import type { Endpoint } from "../../src/health/report.ts";
import { type FakeCheck, fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function endpointOf(...checks: string[]): readonly Endpoint[] {
  return [{ path: "/health/", checks, degraded: "fail", failureStatus: 500 }];
}

describe("replacing the checks", () => {
  it("keeps the state, the history and the client of those that are the same", async () => {
    const before = fakeCheck({ name: "database", interval: "10s" });
    const monitor = new HealthMonitor([before], { logger: rememberingLogger() });
    monitor.start();
    await vi.advanceTimersByTimeAsync(1000);
    const [known] = monitor.reports();
    await monitor.replace(
      [fakeCheck({ name: "database", interval: "10s" }), fakeCheck({ name: "cache" })],
      endpointOf("cache"),
    );
    expect(monitor.checks[0]).toBe(before);
    expect(monitor.reports()[0]).toEqual(known);
    expect(monitor.endpoints).toEqual(endpointOf("cache"));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(before.runs).toBe(2);
    await monitor.close();
  });

  it("lets one whose options changed go on with its history, and its dependants notice nothing", async () => {
    const logger = rememberingLogger();
    const down = () => Promise.reject(new ServiceUnavailable("gone"));
    const dependant = () => fakeCheck({ name: "orders", interval: "1s", dependsOn: ["database"] }, down);
    const database = { name: "database", interval: "1s", failureThreshold: 3 } as const;
    const monitor = new HealthMonitor([fakeCheck(database, down), dependant()], { logger });
    monitor.start();
    await vi.advanceTimersByTimeAsync(5000);
    const before = monitor.reports();
    expect(before).toMatchObject([{ state: "unhealthy" }, { state: "skipped" }]);
    logger.lines.length = 0;
    const other = fakeCheck({ ...database, timeout: "700ms" }, down);
    await monitor.replace([other, dependant()], endpointOf("database", "orders"));
    await vi.advanceTimersByTimeAsync(5000);
    expect(monitor.checks[0]).toBe(other);
    const after = monitor.reports();
    for (const index of [0, 1]) {
      const { state, since, transitions } = before[index] ?? {};
      expect(after[index]).toMatchObject({ state, since, transitions });
    }
    expect(logger.lines).toEqual([]);
    await monitor.close();
  });

  it("says when the others count, before what is gone has been closed", async () => {
    const closed = Promise.withResolvers<void>();
    const gone = Object.assign(fakeCheck({ name: "gone" }), { close: () => closed.promise });
    const monitor = new HealthMonitor([gone], { logger: rememberingLogger() });
    const taken = vi.fn(() => expect(monitor.endpoints).toEqual(endpointOf("fresh")));
    const replaced = monitor.replace([fakeCheck({ name: "fresh" })], endpointOf("fresh"), taken);
    expect(taken).toHaveBeenCalledOnce(); // At once: nobody can have asked meanwhile.
    closed.resolve();
    await replaced;
    await expect(monitor.replace([], endpointOf("nothing"), taken)).rejects.toThrow();
    expect(taken).toHaveBeenCalledOnce();
    await monitor.close();
  });

  it("ends and closes those that are gone, and starts the new ones", async () => {
    const close = vi.fn();
    const gone = Object.assign(
      fakeCheck({ name: "gone", interval: "1s" }, () => new Promise(() => {})),
      { close },
    );
    const monitor = new HealthMonitor([gone], { logger: rememberingLogger() });
    monitor.start();
    await vi.advanceTimersByTimeAsync(0);
    const waiting = monitor.report();
    const fresh = fakeCheck({ name: "fresh", interval: "1s" });
    await monitor.replace([fresh], endpointOf("fresh"));
    // Whoever waited for it is told of what there is now.
    expect((await waiting).checks).toMatchObject([{ check: { name: "fresh" }, state: "healthy" }]);
    expect(close).toHaveBeenCalledOnce();
    expect(monitor.reports().map(({ check }) => check.name)).toEqual(["fresh"]);
    await vi.advanceTimersByTimeAsync(3100);
    expect(gone.runs).toBe(1);
    expect(fresh.runs).toBeGreaterThanOrEqual(4);
    await monitor.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("closes the new ones that are not needed, and none that go on", async () => {
    const close = vi.fn();
    const [before, unused] = ["before", "unused"].map((which) => {
      return Object.assign(fakeCheck({ name: "database" }), { close: () => close(which) });
    }) as [FakeCheck, FakeCheck];
    const monitor = new HealthMonitor([before], { logger: rememberingLogger() });
    await monitor.replace([unused], endpointOf("database"));
    expect(close.mock.calls).toEqual([["unused"]]);
    await monitor.replace([before], endpointOf("database"));
    expect(close.mock.calls).toEqual([["unused"]]);
    await monitor.close();
  });

  it("is seen by whoever keeps an answer until something changes", async () => {
    const monitor = new HealthMonitor([fakeCheck({ name: "a" })], { logger: rememberingLogger() });
    const { version } = monitor;
    await monitor.replace([fakeCheck({ name: "b" })], endpointOf("b"));
    expect(monitor.version).toBeGreaterThan(version);
  });

  it("starts none in a monitor that has not been started", async () => {
    const monitor = new HealthMonitor([fakeCheck({ name: "a" })], { logger: rememberingLogger() });
    const fresh = fakeCheck({ name: "b", interval: "1s" });
    await monitor.replace([fresh], endpointOf("b"));
    await vi.advanceTimersByTimeAsync(5000);
    expect(fresh.runs).toBe(0);
  });

  it("does not run again for a caller what ran for it before", async () => {
    const finish = Promise.withResolvers<void>();
    const slow = fakeCheck({ name: "slow" }, () => finish.promise);
    const quick = fakeCheck({ name: "quick" });
    const monitor = new HealthMonitor([slow, quick], { logger: rememberingLogger() });
    const waiting = monitor.report();
    await monitor.replace([slow, quick], endpointOf("slow", "quick"));
    finish.resolve();
    expect((await waiting).passes).toBe(true);
    expect([slow.runs, quick.runs]).toEqual([1, 1]);
  });

  it("has one whose options are different found anew, and begins anew with one of another class", async () => {
    const monitor = new HealthMonitor([fakeCheck({ name: "database", timeout: "1s" })], {
      logger: rememberingLogger(),
    });
    await monitor.report();
    const { transitions } = monitor.reports()[0] ?? {};
    await monitor.replace([fakeCheck({ name: "database", timeout: "2s" })], endpointOf("database"));
    expect(monitor.reports()).toMatchObject([{ state: "unknown", lastRun: undefined, transitions }]);
    class Other extends HealthCheck {
      override run(): void {}
    }
    await monitor.replace([new Other({ name: "database" })], endpointOf("database"));
    expect(monitor.reports()).toMatchObject([{ state: "unknown", lastRun: undefined, transitions: [] }]);
  });

  it("changes nothing when the new ones cannot be", async () => {
    const monitor = new HealthMonitor([fakeCheck({ name: "a" })], { logger: rememberingLogger() });
    await expect(monitor.replace([fakeCheck({ name: "b" }), fakeCheck({ name: "b" })], [])).rejects.toThrow(
      "two checks",
    );
    await expect(monitor.replace([fakeCheck({ name: "b" })], endpointOf("c"))).rejects.toThrow('names "c"');
    expect(monitor.checks.map(({ name }) => name)).toEqual(["a"]);
    expect((await monitor.report()).passes).toBe(true);
  });
});
