import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { ProcessWatch } from "../../src/engine/process-watch.ts";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import { awakeClock } from "../../src/health/time/awake-clock.ts";
import { EngineInstruments } from "../../src/telemetry/metrics/engine-instruments.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { suspend } from "../support/suspend.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers(); // The clock of before, too.
});

describe("a process that was suspended", () => {
  it("reports nothing down because of it: the run under way is unknown", async () => {
    const answer = Promise.withResolvers<void>();
    const check = fakeCheck({ name: "database", timeout: "5s", interval: "15s" });
    const monitor = new HealthMonitor([check], { logger: rememberingLogger() });
    monitor.start();
    await vi.advanceTimersByTimeAsync(1000);
    check.action = () => answer.promise;
    await vi.advanceTimersByTimeAsync(14_800);
    expect(check.runs).toBe(2);
    suspend(60_000);
    answer.reject(new ServiceUnavailable("connection reset"));
    await vi.advanceTimersByTimeAsync(0);
    expect(monitor.reports()[0]?.state).toBe("unknown");
    check.action = () => {};
    await vi.advanceTimersByTimeAsync(20_000);
    expect(monitor.reports()[0]?.state).toBe("healthy");
    expect(monitor.reports()[0]?.transitions).toHaveLength(1);
    await monitor.close();
  });

  it("does not show an old result to whoever asks for a check that has no schedule", async () => {
    const check = fakeCheck({ name: "database", timeout: "5s" });
    const monitor = new HealthMonitor([check], { logger: rememberingLogger() });
    monitor.start();
    expect((await monitor.report()).passes).toBe(true);
    check.action = async () => {
      suspend(60_000);
      throw new ServiceUnavailable("connection reset");
    };
    expect((await monitor.report()).checks).toMatchObject([
      { state: "unknown", failure: { message: "this process was blocked while it looked" }, consecutiveFailures: 0 },
    ]);
    await monitor.close();
  });

  it("gives a run its time-out again that was in vain and has not come back yet", async () => {
    const check = fakeCheck({ name: "slow", interval: "1s", timeout: "800ms" });
    const monitor = new HealthMonitor([check], { logger: rememberingLogger() });
    monitor.start();
    await vi.advanceTimersByTimeAsync(500);
    expect(monitor.reports()).toMatchObject([{ state: "healthy" }]);
    let comeBack = (): void => {};
    check.action = () => {
      suspend(1600);
      return new Promise((resolve) => {
        comeBack = resolve;
      });
    };
    const states: string[] = [];
    for (let step = 0; step < 16; step += 1) {
      const asking = monitor.report(); // Whoever asks meanwhile does not make it worse.
      await vi.advanceTimersByTimeAsync(100);
      states.push(...monitor.reports().map(({ state }) => state));
      void asking;
    }
    expect(check.runs).toBe(2);
    expect(states).not.toContain("unhealthy");
    expect(states).toContain("unknown");
    await vi.advanceTimersByTimeAsync(3000); // It hangs by itself.
    expect(monitor.reports()).toMatchObject([{ state: "unhealthy", failure: { reason: "timeout" } }]);
    comeBack();
    check.action = () => {};
    await vi.advanceTimersByTimeAsync(2000);
    expect(monitor.reports()).toMatchObject([{ state: "healthy" }]);
    await monitor.close();
  });

  it("knows for how long it was blocked in all, and at a stretch, since a moment", async () => {
    const watch = new ProcessWatch(new EngineInstruments());
    watch.start();
    await vi.advanceTimersByTimeAsync(1000);
    suspend(300);
    await vi.advanceTimersByTimeAsync(200);
    suspend(500);
    await vi.advanceTimersByTimeAsync(200);
    const now = performance.now();
    expect(watch.blockedSince(0)).toBeCloseTo(800);
    expect(watch.longestBlockSince(0)).toBeCloseTo(500);
    expect(watch.blockedSince(now - 600)).toBeLessThanOrEqual(600);
    expect(watch.blockedSince(now)).toBe(0);
    watch.stop();
  });

  it("counts of a block only what lies after the moment", async () => {
    const watch = new ProcessWatch(new EngineInstruments());
    watch.start();
    suspend(500);
    const middle = performance.now() - 200;
    await vi.advanceTimersByTimeAsync(50);
    suspend(300);
    await vi.advanceTimersByTimeAsync(1000);
    expect(watch.blockedSince(middle)).toBeCloseTo(250 + 300);
    expect(watch.longestBlockSince(middle)).toBeCloseTo(300);
    watch.stop();
    expect([watch.blockedSince(0), watch.longestBlockSince(0)]).toEqual([0, 0]);
  });

  it("counts a block that no tick has found yet, from the moment on", () => {
    const watch = new ProcessWatch(new EngineInstruments());
    watch.start();
    suspend(1000);
    expect(watch.blockedSince(0)).toBeCloseTo(950); // The tick was not due before.
    expect(watch.longestBlockSince(performance.now() - 400)).toBeCloseTo(350);
    watch.stop();
  });

  it("measures the delay of the event loop in seconds", async () => {
    const instruments = new EngineInstruments();
    const delayed = vi.spyOn(instruments, "delayed");
    const watch = new ProcessWatch(instruments);
    watch.start();
    await vi.advanceTimersByTimeAsync(50);
    suspend(300);
    await vi.advanceTimersByTimeAsync(50);
    watch.stop();
    const delays = delayed.mock.calls.map(([seconds]) => seconds);
    expect(delays).toHaveLength(2);
    expect(delays[0]).toBe(0);
    expect(delays[1]).toBeCloseTo(0.3);
  });

  it("has a clock that goes on once nobody watches any more, and a process that may end meanwhile", async () => {
    vi.useRealTimers();
    const timers = vi.spyOn(globalThis, "setInterval");
    const watch = new ProcessWatch(new EngineInstruments());
    watch.start();
    expect(timers.mock.results[0]?.value.hasRef()).toBe(false);
    watch.stop();
    const before = awakeClock.now();
    suspend(60_000);
    expect(awakeClock.now() - before).toBeGreaterThanOrEqual(60_000);
    watch.stop(); // Once more changes nothing.
    watch.start();
    const since = awakeClock.now();
    suspend(60_000);
    expect(awakeClock.now() - since).toBeLessThan(60_000);
    watch.stop();
  });

  it("has missed turns when it was blocked for more than half an interval within the last two", async () => {
    const watch = new ProcessWatch(new EngineInstruments());
    watch.start();
    suspend(1050);
    await vi.advanceTimersByTimeAsync(50);
    const endedAt = performance.now();
    expect(watch.hasMissedTurns(2000, endedAt)).toBe(true);
    expect(watch.hasMissedTurns(2200, endedAt)).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(watch.hasMissedTurns(2000, endedAt + 2900)).toBe(true);
    expect(watch.hasMissedTurns(2000, endedAt + 4100)).toBe(false);
    watch.stop();
  });

  it("does not start everything at once afterwards", async () => {
    let running = 0;
    const starts: number[] = [];
    const checks = Array.from({ length: 200 }, (_, index) =>
      fakeCheck({ name: `check ${index}`, interval: "10s" }, () => {
        running += 1;
      }),
    );
    const monitor = new HealthMonitor(checks, { logger: rememberingLogger() });
    monitor.start();
    await vi.advanceTimersByTimeAsync(10_000);
    suspend(60_000);
    for (let step = 0; step < 150; step += 1) {
      running = 0;
      await vi.advanceTimersByTimeAsync(200);
      starts.push(running);
    }
    expect(starts.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(200);
    expect(Math.max(...starts)).toBeLessThan(30);
    expect(monitor.reports().every(({ state }) => state === "healthy")).toBe(true);
    await monitor.close();
  });

  it("does not start everything at once for whoever asks first: what is too old is unknown until its turn", async () => {
    const checks = Array.from({ length: 200 }, (_, index) => fakeCheck({ name: `check ${index}`, interval: "10s" }));
    const runs = (): number => checks.reduce((sum, check) => sum + check.runs, 0);
    const monitor = new HealthMonitor(checks, { logger: rememberingLogger() });
    monitor.start();
    await vi.advanceTimersByTimeAsync(10_000);
    suspend(60_000);
    const before = runs();
    const report = await monitor.report();
    expect(runs() - before).toBe(20);
    expect(report.checks.filter(({ state }) => state === "unknown")).toHaveLength(180);
    expect(report.checks.filter(({ state }) => state === "healthy")).toHaveLength(20);
    // The timers, which this test cannot move on, fire within an interval; the schedule begins anew within another one.
    await vi.advanceTimersByTimeAsync(21_000);
    expect((await monitor.report()).passes).toBe(true);
    expect(runs() - before).toBeLessThan(20 + 2.5 * checks.length);
    await monitor.close();
  });
});
