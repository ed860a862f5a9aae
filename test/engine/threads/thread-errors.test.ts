import { createRequire } from "node:module";
import type { WorkerOptions, Worker as WorkerThread } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { ThreadExecutor } from "../../../src/engine/threads/thread-executor.ts";
import type { HealthCheck } from "../../../src/health/health-check.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { LeavingBehind, Waiting } from "../../support/thread-checks.ts";

const password = "s3cr3t of the culprit";
const logger = rememberingLogger();
const log = () => JSON.stringify(logger.lines);
const uncaught = "a worker thread ended because of an uncaught error";
let monitor: HealthMonitor;

beforeEach(() => {
  logger.lines.length = 0;
});
afterEach(() => monitor.close());

/** Runs the checks in one thread. */
function monitorOf(...checks: readonly HealthCheck[]): void {
  monitor = new HealthMonitor(checks, { logger, executor: new ThreadExecutor({ threads: 1, logger }) });
}

function states(): Record<string, string> {
  return Object.fromEntries(monitor.reports().map(({ check, state }) => [check.name, state]));
}

describe("what a check leaves behind in its thread and throws later", () => {
  it("is logged without the check's secrets, and ends nothing but the thread", async () => {
    monitorOf(new LeavingBehind({ name: "culprit", milliseconds: 50, password }));
    await monitor.refresh(["culprit"]);
    await vi.waitFor(() => expect(log()).toContain(uncaught));
    expect(logger.lines.find(({ message }) => message === uncaught)?.details).toMatchObject({
      checks: ["culprit"],
      error: { message: "cannot connect to amqp://user:[redacted]@broker" },
    });
    expect(log()).not.toContain(password);
    await monitor.refresh(["culprit"]);
    expect(states()).toEqual({ culprit: "healthy" });
  });

  it("does not blame the check that runs there then", async () => {
    const innocent = new Waiting({ name: "innocent", milliseconds: 500 });
    monitorOf(new LeavingBehind({ name: "culprit", milliseconds: 300, password }), innocent);
    await monitor.refresh(["innocent"]);
    await monitor.refresh(["culprit"]);
    await monitor.refresh(["innocent"]);
    expect(states()).toEqual({ innocent: "healthy", culprit: "healthy" });
    expect(log()).toContain(uncaught);
    expect(log()).not.toContain(password);
  });

  it("holds no secret either when the check is long gone", async () => {
    const other = new Waiting({ name: "other", milliseconds: 1 });
    monitorOf(new LeavingBehind({ name: "culprit", milliseconds: 300, password }), other);
    await monitor.refresh(["culprit"]);
    await monitor.replace([other], []);
    await vi.waitFor(() => expect(log()).toContain(uncaught));
    expect(log()).not.toContain(password);
  });
});

describe("a thread that cannot be started", () => {
  const threads = createRequire(import.meta.url)("node:worker_threads") as { Worker: typeof WorkerThread };
  const { Worker } = threads;
  afterEach(() => {
    threads.Worker = Worker;
  });

  /** Lets so many workers end before they have begun, as when the system has no more files to open. */
  function failing(times: number): void {
    let left = times;
    threads.Worker = class extends Worker {
      constructor(filename: string | URL, options?: WorkerOptions) {
        left -= 1;
        if (left >= 0) super("throw new Error('no more threads')", { eval: true });
        else super(filename, options);
      }
    };
  }

  it("is tried a second time", async () => {
    failing(1);
    monitorOf(new Waiting({ name: "waiting", milliseconds: 1 }));
    await monitor.report();
    expect(states()).toEqual({ waiting: "healthy" });
    expect(log()).toContain("no more threads");
  });

  it("fails the runs rather than let them wait, and is tried again by the next ones", async () => {
    failing(4);
    const checks = [1, 2, 3].map((number) => new Waiting({ name: `${number}`, milliseconds: 1 }));
    monitorOf(...checks);
    await monitor.report();
    expect(states()).toEqual({ 1: "unhealthy", 2: "unhealthy", 3: "healthy" });
    await monitor.report();
    expect(states()).toEqual({ 1: "healthy", 2: "healthy", 3: "healthy" });
  });
});

it("says what a class lacks that is to run in a thread", async () => {
  monitorOf(fakeCheck({ name: "here" }));
  await monitor.refresh(["here"]);
  expect(log()).toContain("static readonly module = import.meta.url");
});
