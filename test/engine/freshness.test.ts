import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { Duration } from "../../src/health/time/duration.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";

let monitor: HealthMonitor;

beforeEach(() => void vi.useFakeTimers());
afterEach(async () => {
  await monitor.close();
  vi.useRealTimers();
});

function monitorOf(checks: readonly ReturnType<typeof fakeCheck>[], options = {}): HealthMonitor {
  monitor = new HealthMonitor(checks, { logger: rememberingLogger(), ...options });
  return monitor;
}

describe("freshness", () => {
  it("runs a check without an interval for every request", async () => {
    const check = fakeCheck({ name: "asked" });
    monitorOf([check]);
    await monitor.report();
    await monitor.report();
    expect(check.runs).toBe(2);
  });

  it("answers from memory while the result is younger than one and a half intervals", async () => {
    const check = fakeCheck({ name: "kept", interval: "10s" });
    monitorOf([check]);
    await monitor.report();
    await vi.advanceTimersByTimeAsync(15_000);
    await monitor.report();
    expect(check.runs).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await monitor.report();
    expect(check.runs).toBe(2);
  });

  it("keeps results for maxAge when it is given", async () => {
    const check = fakeCheck({ name: "kept", maxAge: "3s" });
    monitorOf([check]);
    await monitor.report();
    await vi.advanceTimersByTimeAsync(3000);
    await monitor.report();
    expect(check.runs).toBe(1);
  });

  it("never runs anything for a snapshot", () => {
    const check = fakeCheck({ name: "idle" });
    monitorOf([check]);
    expect(monitor.snapshot(monitor.endpoints[0] as never)).toMatchObject({ passes: false, status: 500 });
    expect(monitor.reports()).toMatchObject([{ state: "unknown", failure: { kind: "Unknown" }, lastRun: undefined }]);
    expect(check.runs).toBe(0);
  });
});

describe("until when a report stays true", () => {
  it("is until the first of its results becomes too old for a caller", async () => {
    const checks = [
      fakeCheck({ name: "short", maxAge: "3s" }),
      fakeCheck({ name: "long", maxAge: "9s" }),
      fakeCheck({ name: "never", maxAge: "1h" }),
    ];
    const names = ["long", "short"];
    monitorOf(checks, { endpoints: [{ path: "/health/", checks: names }] });
    await monitor.report();
    const now = performance.now();
    const [endpoint] = monitor.endpoints;
    for (const wanted of [names, endpoint?.checks ?? []]) expect(monitor.freshUntil(wanted)).toBe(now + 3000);
    expect(monitor.freshUntil(["long"])).toBe(now + 9000);
    for (const unknown of ["never", "nobody"]) {
      expect(monitor.freshUntil(["long", unknown])).toBe(Number.NEGATIVE_INFINITY);
    }
    expect(monitor.freshUntil([])).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("a turn of the schedule", () => {
  it("is taken however long the run before it took", async () => {
    const check = fakeCheck({ name: "slow", interval: "10s", timeout: "9s" }, () => {
      return new Promise((resolve) => setTimeout(resolve, 8500));
    });
    monitorOf([check]).start();
    await vi.advanceTimersByTimeAsync(96_000);
    expect(check.runs).toBe(10);
    check.action = () => new Promise(() => {}); // Times out, and is held from then on.
    await vi.advanceTimersByTimeAsync(50_000);
    expect(monitor.reports()).toMatchObject([{ state: "unhealthy", consecutiveFailures: 5 }]);
  });

  it("is left out when the result is from a run that somebody asked for just before", async () => {
    const check = fakeCheck({ name: "asked", interval: "10s", maxAge: "0s" });
    monitorOf([check]).start();
    await vi.advanceTimersByTimeAsync(8000);
    await monitor.report();
    expect(check.runs).toBe(2);
    await vi.advanceTimersByTimeAsync(8000);
    expect(check.runs).toBe(2);
    await vi.advanceTimersByTimeAsync(8000);
    expect(check.runs).toBe(3);
  });
});

describe("staleness", () => {
  it("is not excused by a run that waits for its turn longer than it may take", async () => {
    const checks = ["blocker", "waiting"].map((name) => fakeCheck({ name, interval: "1s", timeout: "2s" }));
    const [blocker, waiting] = checks;
    monitorOf(checks, { concurrency: 1 }).start();
    await vi.advanceTimersByTimeAsync(500);
    expect(monitor.reports().map(({ state }) => state)).toEqual(["healthy", "healthy"]);
    if (blocker !== undefined)
      Object.assign(blocker, { action: () => new Promise(() => {}), timeout: new Duration(60_000) });
    await vi.advanceTimersByTimeAsync(2600);
    expect(monitor.reports()[1]?.state).toBe("healthy");
    await vi.advanceTimersByTimeAsync(2000);
    expect(monitor.reports()[1]).toMatchObject({
      state: "unknown",
      failure: { message: "the last result is too old to be trusted" },
    });
    expect(waiting?.runs).toBe(1);
  });

  it("makes a scheduled check unknown when its result could not be renewed", async () => {
    const check = fakeCheck({ name: "kept", interval: "10s" });
    monitorOf([check]);
    await monitor.report();
    expect(monitor.reports()).toMatchObject([{ state: "healthy" }]);
    const staleAt = Date.now() + 15_000;
    await vi.advanceTimersByTimeAsync(20_000); // The schedule was never started.
    expect(monitor.reports()).toMatchObject([
      { state: "unknown", failure: { kind: "Unknown", reason: "unknown" }, since: staleAt },
    ]);
  });

  it("does not befall what the schedule renews in time, however new a result callers want", async () => {
    monitorOf([fakeCheck({ name: "kept", interval: "10s", maxAge: "200ms" })]).start();
    await vi.advanceTimersByTimeAsync(9000);
    expect(monitor.reports()).toMatchObject([{ state: "healthy" }]);
  });

  it("leaves a check that only callers run as it was", async () => {
    monitorOf([fakeCheck({ name: "asked" })]);
    await monitor.report();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(monitor.reports()).toMatchObject([{ state: "healthy" }]);
  });
});
