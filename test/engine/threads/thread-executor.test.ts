import { X509Certificate } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Disk } from "../../../src/checks/disk.ts";
import { Heartbeat } from "../../../src/checks/heartbeat.ts";
import { Tcp } from "../../../src/checks/tcp.ts";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { ThreadExecutor } from "../../../src/engine/threads/thread-executor.ts";
import type { HealthCheck } from "../../../src/health/health-check.ts";
import { certificates } from "../../support/certificates.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { Memory } from "../../support/thread-check-of-a-catalogues-name.ts";
import { LoadingSlowly } from "../../support/thread-check-that-loads-slowly.ts";
import { Blocking, Failing, Queue, Sleeping, TellingThread, Waiting } from "../../support/thread-checks.ts";
import { startTlsServer } from "../../support/throw-away-tls-server.ts";

const logger = rememberingLogger();
const hour = 3_600_000;
let monitor = new HealthMonitor([], { logger });
afterEach(() => monitor.close());

async function reportOf(check: HealthCheck) {
  monitor = new HealthMonitor([check], { logger });
  return (await monitor.report()).checks[0];
}

/** Runs the checks in so many threads. */
function monitorWith(threads: number, checks: readonly HealthCheck[]): HealthMonitor {
  monitor = new HealthMonitor(checks, { logger, executor: new ThreadExecutor({ threads, logger }) });
  return monitor;
}

function states(): Record<string, string> {
  return Object.fromEntries(monitor.reports().map(({ check, state }) => [check.name, state]));
}

/** Runs a check until it is found to take too long, which a machine that is too busy to tell says later. */
function runsOutOfTime(name: string): Promise<void> {
  return vi.waitFor(async () => {
    await monitor.refresh([name]);
    expect(monitor.reports([name])).toMatchObject([{ state: "unhealthy", failure: { reason: "timeout" } }]);
  }, 25_000);
}

/** Asks for another run of a check, and says when there was none. */
async function runAgain(name: string): Promise<void> {
  const startedAt = monitor.reports([name])[0]?.lastRun?.startedAt;
  await monitor.refresh([name]);
  expect(monitor.reports([name])[0]?.lastRun?.startedAt).not.toBe(startedAt);
}

describe("a check in a thread", () => {
  it("runs there, with its options and secrets", async () => {
    const check = new Blocking({ thread: true, milliseconds: 1, password: "correct horse", region: "eu" });
    expect(await reportOf(check)).toMatchObject({ state: "healthy", check: { labels: { region: "eu" } } });
  });

  it("brings the end of a certificate back", async () => {
    await using server = await startTlsServer(certificates.server);
    const check = new Tcp({ thread: true, host: "127.0.0.1", port: server.port, tls: true, ca: certificates.ca });
    expect(await reportOf(check)).toMatchObject({
      state: "healthy",
      certificateExpiresAt: new X509Certificate(certificates.server.cert).validToDate.getTime(),
    });
  });

  it("brings back what it measured, also when it fails", async () => {
    expect(await reportOf(new Queue({ thread: true, depth: 4 }))).toMatchObject({
      state: "healthy",
      measures: [
        { name: "depth", unit: "{jobs}", value: 4 },
        { name: "age", unit: "s", value: 0.5 },
      ],
    });
    const failing = await reportOf(new Queue({ thread: true, depth: 2000 }));
    expect(failing).toMatchObject({ state: "degraded", measures: [{ value: 2000 }, { value: 250 }] });
  });

  it("is of the catalogue without further ado", async () => {
    expect(await reportOf(new Disk({ thread: true, maxUsage: "0%" }))).toMatchObject({
      state: "degraded",
      failure: { kind: "Warning", reason: "threshold" },
    });
  });

  it("is of its own class, even if the catalogue has one of that name", async () => {
    expect((await reportOf(new Memory({ thread: true })))?.failure?.message).toBe("my own memory is gone");
  });

  it.each([
    ["warning", "degraded", { kind: "Warning", message: "93 % is in use", reason: "threshold" }],
    ["outage", "unhealthy", { kind: "Unavailable", message: "outage", reason: "unavailable", beganAt: 1_000_000 }],
    ["own", "degraded", { kind: "Notice", message: "look at it some day", reason: "threshold" }],
    ["system", "unhealthy", { kind: "Unavailable", message: "connection refused", reason: "connection_refused" }],
    ["bug", "unhealthy", { kind: "Unknown Error", message: "unknown error", reason: "unknown" }],
  ])("fails with an error of the kind %s as it would here", async (how, state, failure) => {
    expect(await reportOf(new Failing({ thread: true, how }))).toMatchObject({ state, failure });
  });

  it.each(["exit", "nextTick"])(
    "is unhealthy when it ends its thread by %s, and the next run is another one",
    async (how) => {
      const failing = new Failing({ name: "failing", how });
      const passing = new Waiting({ name: "passing", milliseconds: 1 });
      monitorWith(1, [failing, passing]);
      await monitor.refresh(["failing"]);
      await monitor.refresh(["passing"]);
      expect(states()).toEqual({ failing: "unhealthy", passing: "healthy" });
    },
  );

  it("keeps to one thread while it can, so that it has one client", async () => {
    const check = new TellingThread({ name: "telling" });
    const others = Array.from({ length: 4 }, (_, index) => new Waiting({ name: `${index}`, milliseconds: 20 }));
    monitorWith(4, [...others, check]);
    await monitor.report();
    const [before] = monitor.reports(["telling"]);
    await monitor.refresh(others.map(({ name }) => name));
    await monitor.refresh(["telling"]);
    expect(monitor.reports(["telling"])[0]?.failure).toEqual(before?.failure);
  });

  it("runs in the main thread when its class belongs there, whatever the executor", async () => {
    const heartbeat = new Heartbeat({ name: "backup", every: "1d", token: "correct horse" });
    monitorWith(1, [heartbeat]);
    heartbeat.beat({ kind: "success" });
    await monitor.refresh(["backup"]);
    expect(states()).toEqual({ backup: "healthy" });
  });

  it("says what its class lacks when an executor is to run it in a thread", async () => {
    logger.lines.length = 0;
    monitorWith(1, [fakeCheck({ name: "fake-check" })]);
    await monitor.report();
    expect(JSON.stringify(logger.lines)).toContain("static readonly module = import.meta.url");
  });
});

describe("a check that does not return from its thread", () => {
  it("is ended at its time-out, and holds up nothing meanwhile", async () => {
    const endless = new Blocking({ thread: true, milliseconds: hour, timeout: "1s" });
    const other = fakeCheck({ name: "other" });
    monitor = new HealthMonitor([endless, other], { logger });
    const slow = monitor.refresh(["Blocking"]);
    const startedAt = performance.now();
    await monitor.refresh(["other"]);
    expect(performance.now() - startedAt).toBeLessThan(900);
    await slow;
    await runsOutOfTime("Blocking");
    // Its thread is gone: the next run is a run, and not one that waits for the last.
    await vi.waitFor(() => runAgain("Blocking"), 5000);
  });

  it("keeps its thread when it heeds its signal", async () => {
    const heedful = new Waiting({ name: "heedful", milliseconds: 60_000, timeout: "300ms" });
    const telling = new TellingThread({ name: "telling" });
    monitorWith(1, [heedful, telling]);
    await monitor.refresh(["telling"]);
    const [before] = monitor.reports(["telling"]);
    await runsOutOfTime("heedful");
    await monitor.refresh(["telling"]);
    expect(monitor.reports(["telling"])[0]?.failure).toEqual(before?.failure);
  });

  it("is not started again while a native call holds its thread, which is not waited for", async () => {
    const sleeping = new Sleeping({ name: "sleeping", milliseconds: 3000, timeout: "300ms" });
    const passing = new Waiting({ name: "passing", milliseconds: 1 });
    monitorWith(1, [sleeping, passing]);
    await runsOutOfTime("sleeping");
    const startedAt = monitor.reports(["sleeping"])[0]?.lastRun?.startedAt;
    for (let times = 0; times < 5; times += 1) {
      await monitor.refresh(["passing"]);
      await monitor.refresh(["sleeping"]);
    }
    expect(states()).toEqual({ sleeping: "unhealthy", passing: "healthy" });
    expect(monitor.reports(["sleeping"])[0]?.lastRun?.startedAt).toBe(startedAt);
    await vi.waitFor(() => runAgain("sleeping"), 10_000);
    const closedAt = performance.now();
    await monitor.close();
    expect(performance.now() - closedAt).toBeLessThan(1500);
  });

  it("costs the others none of their time, and only half of the threads once it is known", async () => {
    const hanging = Array.from(
      { length: 4 },
      (_, index) => new Waiting({ name: `hanging ${index}`, milliseconds: hour, heedful: false, timeout: "1500ms" }),
    );
    const passing = new Waiting({ name: "passing", milliseconds: 100, timeout: "1400ms" });
    const names = hanging.map(({ name }) => name);
    monitorWith(2, [...hanging, passing]);
    await Promise.all([monitor.refresh(names), monitor.refresh(["passing"])]);
    expect(states()).toMatchObject({ passing: "healthy" });
    let ended = 0;
    for (const name of names) void monitor.refresh([name]).then(() => (ended += 1));
    await monitor.refresh(["passing"]);
    // Rather than after three of them; one may still have held on from the first time.
    expect(ended).toBeLessThan(3);
  });
});

describe("the time-out of a check in a thread", () => {
  it("does not begin while it waits for its turn", async () => {
    const checks = Array.from(
      { length: 12 },
      (_, index) => new Waiting({ name: `${index}`, milliseconds: 300, timeout: "1s" }),
    );
    monitorWith(2, checks);
    await monitor.report();
    expect(new Set(Object.values(states()))).toEqual(new Set(["healthy"]));
    expect(Math.max(...monitor.reports().map(({ lastRun }) => lastRun?.durationSeconds ?? 0))).toBeLessThan(0.9);
  });

  it("does not begin while its module is loaded", async () => {
    expect(await reportOf(new LoadingSlowly({ thread: true, timeout: "1s" }))).toMatchObject({ state: "healthy" });
  });

  it("does not begin for a check that is removed meanwhile, whose place another one gets", async () => {
    const first = new Waiting({ name: "first", milliseconds: 500 });
    const last = new Waiting({ name: "last", milliseconds: 1 });
    monitorWith(1, [first, new Waiting({ name: "removed", milliseconds: 1 }), last]);
    const refreshed = monitor.refresh(["first", "removed"]);
    await monitor.replace([first, last], []);
    await refreshed;
    await monitor.refresh(["last"]);
    expect(states()).toEqual({ first: "healthy", last: "healthy" });
  });
});

describe("a thread that a run has for itself", () => {
  it("is free again when that is given up before it begins", async () => {
    const executor = new ThreadExecutor({ threads: 1 });
    const controller = new AbortController();
    await executor.admit(new Waiting({ milliseconds: 1 }), controller.signal);
    controller.abort();
    await executor.run(new Waiting({ milliseconds: 1 }), new AbortController().signal);
    await executor.close();
  });
});

describe("an executor of the caller's", () => {
  it("runs the checks, for a monitor or for one request", async () => {
    const seen: string[] = [];
    const noting = (by: string) => ({
      run: (check: { name: string }) => void seen.push(`${check.name} by ${by}`),
    });
    monitor = new HealthMonitor([fakeCheck({ name: "a" })], { logger, executor: noting("the monitor") });
    await monitor.report();
    await monitor.report(undefined, { executor: noting("the request") });
    expect(seen).toEqual(["a by the monitor", "a by the request"]);
  });

  it("runs one check after the other without a monitor, until it is closed", async () => {
    const executor = new ThreadExecutor({ threads: 1 });
    const check = new Waiting({ milliseconds: 1 });
    const { signal } = new AbortController();
    await Promise.all([executor.run(check, signal), executor.run(check, signal)]);
    await executor.close();
    await expect(executor.run(check, signal)).rejects.toThrow("the executor is closed");
  });
});
