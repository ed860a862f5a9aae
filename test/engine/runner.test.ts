import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Executor } from "../../src/engine/executor.ts";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { NotKnownYet, ServiceUnavailable, ServiceWarning } from "../../src/health/errors.ts";
import { type FakeCheck, fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const logger = rememberingLogger();

describe("what a host's executor keeps of a check", () => {
  function forgetting() {
    const forgotten: string[] = [];
    const executor: Executor = {
      run: (check, signal) => check.run(signal),
      forget: async ({ name }) => void forgotten.push(name),
    };
    return { forgotten, executor };
  }

  it("is let go of with a check that is replaced, and with all when the monitor closes", async () => {
    const { forgotten, executor } = forgetting();
    const monitor = new HealthMonitor([fakeCheck({ name: "gone" }), fakeCheck({ name: "kept" })], { logger, executor });
    await monitor.replace([fakeCheck({ name: "kept" }), fakeCheck({ name: "new" })], []);
    expect(forgotten).toEqual(["gone"]);
    await monitor.close();
    expect(forgotten).toEqual(["gone", "kept", "new"]);
  });
});

describe("how long runs take", () => {
  /** The reasons with which a monitor's recorder was told of runs, and those in the check's own report. */
  async function recorded(action: FakeCheck["action"]) {
    const told: (string | undefined)[] = [];
    const observe = () => ({
      record: ({ failure }: { failure: { reason: string } | undefined }) => void told.push(failure?.reason),
      close: () => {},
    });
    const monitor = new HealthMonitor([fakeCheck({ timeout: "1s" }, action)], { logger, observe });
    const reporting = monitor.report();
    await vi.advanceTimersByTimeAsync(10);
    monitor.endRuns();
    const { durations, lastRun } = (await reporting).checks[0] ?? {};
    const counts = [...(durations ?? [])]
      .filter(([, { count }]) => count > 0)
      .map(([reason, { count }]) => [reason, count]);
    await monitor.close();
    return { told, counts, hasRun: lastRun !== undefined };
  }

  it.each([
    ["passed", () => {}, undefined],
    ["failed", () => Promise.reject(new ServiceUnavailable("gone", { reason: "dns" })), "dns"],
  ] as const)("is counted of one that %s", async (_, action, reason) => {
    expect(await recorded(action)).toEqual({ told: [reason], counts: [[reason, 1]], hasRun: true });
  });

  it.each([
    ["could not tell", () => Promise.reject(new NotKnownYet("no heartbeat yet")), true],
    ["was given up", () => new Promise<void>(() => {}), false],
  ] as const)("is not counted of one that %s", async (_, action, hasRun) => {
    expect(await recorded(action)).toEqual({ told: [], counts: [], hasRun });
  });
});

describe("a caller", () => {
  it("is told of each check that had to run for it, as soon as it has", async () => {
    const fresh = fakeCheck({ name: "fresh", maxAge: "1h" });
    const answer = Promise.withResolvers<void>();
    const monitor = new HealthMonitor(
      [fresh, fakeCheck({ name: "quick" }), fakeCheck({ name: "slow" }, () => answer.promise)],
      {
        logger,
      },
    );
    await monitor.refresh(["fresh"]);
    const told: string[] = [];
    const reporting = monitor.report(undefined, { renewed: ({ check, state }) => told.push(`${check.name} ${state}`) });
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual(["quick healthy"]);
    answer.resolve();
    await reporting;
    expect(told).toEqual(["quick healthy", "slow healthy"]);
    await monitor.close();
  });
});

describe("a place where a check runs that has to be waited for", () => {
  /** An executor whose places are given, or refused, when the test says so. */
  function waitingRoom() {
    const asked: { check: string; signal: AbortSignal; give: () => void; refuse: (error: Error) => void }[] = [];
    const place: Executor = { run: (check, signal) => check.run(signal) };
    const executor: Executor = {
      run: () => Promise.reject(new Error("nobody was admitted")),
      admit(check, signal) {
        const { promise, resolve, reject } = Promise.withResolvers<Executor>();
        asked.push({ check: check.name, signal, give: () => resolve(place), refuse: reject });
        return promise;
      },
    };
    return { asked, executor };
  }

  it("does not count towards the time-out", async () => {
    const { asked, executor } = waitingRoom();
    const check = fakeCheck({ name: "database", timeout: "1s" });
    const monitor = new HealthMonitor([check], { logger, executor });
    const reporting = monitor.report();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([asked.length, check.runs]).toEqual([1, 0]);
    asked[0]?.give();
    expect((await reporting).checks).toMatchObject([{ state: "healthy", lastRun: { durationSeconds: 0 } }]);
  });

  it("makes the run fail with the reason for which there is none", async () => {
    const { asked, executor } = waitingRoom();
    const monitor = new HealthMonitor([fakeCheck({ name: "database" })], { logger, executor });
    const reporting = monitor.report();
    asked[0]?.refuse(new ServiceUnavailable("no thread could be started"));
    expect((await reporting).checks).toMatchObject([
      { state: "unhealthy", failure: { message: "no thread could be started" } },
    ]);
  });

  it("is given back, and nothing runs there, when the run was given up meanwhile", async () => {
    const { asked, executor } = waitingRoom();
    const check = fakeCheck({ name: "database" });
    const monitor = new HealthMonitor([check], { logger, executor });
    const reporting = monitor.report();
    expect(asked[0]?.signal.aborted).toBe(false);
    monitor.endRuns();
    expect(asked[0]?.signal.aborted).toBe(true);
    expect((await reporting).checks).toMatchObject([{ state: "unknown" }]);
    asked[0]?.give();
    await vi.advanceTimersByTimeAsync(1000);
    expect(check.runs).toBe(0);
  });
});

describe("a check that was skipped", () => {
  it.each([
    ["healthy", () => {}],
    ["degraded", () => Promise.reject(new ServiceWarning("slow"))],
  ] as const)("runs as soon as what it depends on is %s, if it has a schedule", async (_, recovered) => {
    const database = fakeCheck({ name: "database" }, () => Promise.reject(new ServiceUnavailable("gone")));
    const orders = fakeCheck({ name: "orders", interval: "1h", dependsOn: ["database"] });
    const carts = fakeCheck({ name: "carts", interval: "1h", dependsOn: ["database"] });
    const asked = fakeCheck({ name: "asked", dependsOn: ["database"] });
    const monitor = new HealthMonitor([database, orders, carts, asked], { logger });
    await monitor.report();
    database.action = recovered;
    await monitor.renew("database");
    await vi.advanceTimersByTimeAsync(0);
    expect([orders.runs, carts.runs, asked.runs]).toEqual([1, 1, 0]);
    await monitor.close();
  });
});
