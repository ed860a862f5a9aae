import { context, trace } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { ServiceUnavailable, ServiceWarning } from "../../src/health/errors.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { recordTelemetry } from "../support/telemetry.ts";

const logger = rememberingLogger();
let monitor: HealthMonitor;

beforeEach(() => {
  vi.useFakeTimers();
  logger.lines.length = 0;
});
afterEach(async () => {
  await monitor?.close();
  vi.useRealTimers();
});

function monitorOf(checks: ConstructorParameters<typeof HealthMonitor>[0], options = {}): HealthMonitor {
  monitor = new HealthMonitor(checks, { logger, ...options });
  return monitor;
}

/** A check whose runs end when `finish` is called. */
function slow(options: Parameters<typeof fakeCheck>[0]) {
  let finish = Promise.withResolvers<void>();
  const check = fakeCheck(options, () => finish.promise);
  return {
    check,
    finish: () => {
      finish.resolve();
      finish = Promise.withResolvers<void>();
    },
  };
}

describe("coalescing", () => {
  it("runs a check once for everybody who asks meanwhile", async () => {
    const { check, finish } = slow({ name: "slow" });
    monitorOf([check]);
    const reports = Array.from({ length: 1000 }, () => monitor.report());
    finish();
    for (const report of await Promise.all(reports)) expect(report.passes).toBe(true);
    expect(check.runs).toBe(1);
  });

  it("tells a caller of the run that it joined", async () => {
    const { check, finish } = slow({ name: "slow" });
    monitorOf([check]);
    await recordTelemetry(async () => {
      const joined: string[] = [];
      const first = monitor.report(undefined, { joined: () => joined.push("first") });
      const second = monitor.report(undefined, { joined: ({ spanId }) => joined.push(spanId) });
      finish();
      await Promise.all([first, second]);
      expect(joined).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);
    });
  });

  it("makes a run that a caller starts a child of the caller's span, and a scheduled one a root", async () => {
    monitorOf([fakeCheck({ name: "asked" }), fakeCheck({ name: "scheduled", interval: "1s" })]);
    const { spans } = await recordTelemetry(async () => {
      const span = trace.getTracer("test").startSpan("GET /health/");
      await monitor.refresh(["asked"], { context: trace.setSpan(context.active(), span) });
      monitor.start();
      await vi.advanceTimersByTimeAsync(0);
      span.end();
    });
    const [asked, scheduled, request] = spans;
    expect(asked).toMatchObject({ name: "check asked", parentSpanId: request?.spanId, traceId: request?.traceId });
    expect(scheduled).toMatchObject({ name: "check scheduled", parentSpanId: undefined });
  });
});

describe("a monitor that closes", () => {
  it("starts none of the runs that wait for their turn", async () => {
    const checks = Array.from({ length: 4 }, (_, index) =>
      fakeCheck({ name: `${index}` }, () => new Promise(() => {})),
    );
    const asking = monitorOf(checks, { concurrency: 1 }).report();
    await monitor.close();
    await asking;
    expect(checks.map(({ runs }) => runs)).toEqual([1, 0, 0, 0]);
  });
});

describe("a run that is given up", () => {
  it("leaves whoever waits for a check without a schedule with nothing known, and is no change of its state", async () => {
    const check = fakeCheck({ name: "database" });
    monitorOf([check]);
    await monitor.report();
    check.action = () => new Promise(() => {});
    const asking = monitor.report();
    monitor.endRuns();
    expect(await asking).toMatchObject({
      passes: false,
      checks: [{ state: "unknown", failure: { message: "the run was given up" }, transitions: [{ to: "healthy" }] }],
    });
    expect(monitor.remember()).toMatchObject([{ state: "healthy" }]);
  });
});

describe("a monitor without a logger", () => {
  it("tells the console of what is wrong, and of nothing else", async () => {
    const [info, warn, error] = (["info", "warn", "error"] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation(() => {}),
    );
    const check = fakeCheck({ name: "database" });
    monitor = new HealthMonitor([check]);
    await monitor.report();
    check.action = () => Promise.reject(new TypeError("x is not a function"));
    await monitor.report();
    expect(info).not.toHaveBeenCalled();
    expect(warn?.mock.calls).toMatchObject([
      ["healthspan: database: Unknown Error: unknown error", { check: "database", from: "healthy", to: "unhealthy" }],
    ]);
    expect(error?.mock.calls).toMatchObject([
      ['healthspan: the check "database" failed in an unexpected way', { error: { message: "x is not a function" } }],
    ]);
    vi.restoreAllMocks();
  });
});

describe("a run that has not let go", () => {
  it("is not joined by another, and the check stays unhealthy until it lets go", async () => {
    const late = Promise.withResolvers<void>();
    const check = fakeCheck({ name: "stuck", timeout: "1s" }, () => late.promise);
    monitorOf([check]);
    const first = monitor.report();
    await vi.advanceTimersByTimeAsync(1000);
    expect((await first).checks).toMatchObject([{ state: "unhealthy", failure: { reason: "timeout" } }]);
    expect((await monitor.report()).checks).toMatchObject([{ state: "unhealthy", failure: { reason: "timeout" } }]);
    expect(check.runs).toBe(1);
    late.resolve();
    await vi.advanceTimersByTimeAsync(0);
    check.action = () => {};
    expect((await monitor.report()).checks).toMatchObject([{ state: "healthy" }]);
    expect(check.runs).toBe(2);
  });

  it("stays unhealthy, not unknown, however long it holds on", async () => {
    const check = fakeCheck({ name: "stuck", timeout: "1s", interval: "2s" }, () => new Promise(() => {}));
    monitorOf([check]).start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(check.runs).toBe(1);
    expect(monitor.reports()).toMatchObject([{ state: "unhealthy", failure: { reason: "timeout" } }]);
  });
});

describe("transitions", () => {
  it("remembers since when a state holds and the changes before it, newest first, and logs each once", async () => {
    const check = fakeCheck({ name: "database" });
    monitorOf([check]);
    const start = Date.now();
    await monitor.report();
    await vi.advanceTimersByTimeAsync(1000);
    check.action = () => Promise.reject(new ServiceUnavailable("gone"));
    await monitor.report();
    await vi.advanceTimersByTimeAsync(1000);
    const { checks } = await monitor.report();
    expect(checks).toMatchObject([
      {
        state: "unhealthy",
        since: start + 1000,
        consecutiveFailures: 2,
        lastSuccessAt: start,
        transitions: [
          { at: start + 1000, from: "healthy", to: "unhealthy", failure: { message: "gone" } },
          { at: start, from: "unknown", to: "healthy", failure: undefined },
        ],
      },
    ]);
    expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      "info database: OK",
      "warn database: Unavailable: gone",
    ]);
  });

  it("begin when the check says that the incident did, but not while it passed", async () => {
    const check = fakeCheck({ name: "status" });
    monitorOf([check]);
    const start = Date.now();
    const minutes = (count: number): number => start + count * 60_000;
    const began = (state: "degraded" | "unhealthy", beganAt: Date | number) => {
      const HealthCheckError = state === "degraded" ? ServiceWarning : ServiceUnavailable;
      return () => Promise.reject(new HealthCheckError("outage", { beganAt }));
    };
    const runAt = async (minute: number, action: typeof check.action) => {
      await vi.advanceTimersByTimeAsync(minutes(minute) - Date.now());
      check.action = action;
      return (await monitor.report()).checks[0];
    };
    // Before this process was.
    expect(await runAt(0, began("degraded", new Date(minutes(-30))))).toMatchObject({ since: minutes(-30) });
    // Not before it was something else.
    expect(await runAt(1, began("unhealthy", minutes(-60)))).toMatchObject({ since: minutes(-30) });
    // What goes on keeps its moment.
    expect(await runAt(2, began("unhealthy", minutes(1)))).toMatchObject({ since: minutes(-30) });
    expect(await runAt(10, () => {})).toMatchObject({ state: "healthy", since: minutes(10) });
    await runAt(12, () => {});
    // Between the last run that passed and the one that failed.
    expect(await runAt(20, began("unhealthy", minutes(15)))).toMatchObject({
      since: minutes(15),
      transitions: [{ at: minutes(15), to: "unhealthy" }, { at: minutes(10) }, {}, { at: minutes(-30) }],
    });
    await runAt(30, () => {});
    await runAt(32, () => {});
    expect(await runAt(40, began("unhealthy", minutes(25)))).toMatchObject({ since: minutes(32) });
  });

  it("begin when the check says so although more failures were awaited first", async () => {
    const check = fakeCheck({ name: "status", failureThreshold: 3 });
    monitorOf([check]);
    await monitor.report();
    const beganAt = Date.now() + 500;
    check.action = () => Promise.reject(new ServiceUnavailable("outage", { beganAt }));
    for (let run = 0; run < 3; run += 1) {
      await vi.advanceTimersByTimeAsync(1000);
      await monitor.report();
    }
    expect(monitor.reports()).toMatchObject([{ state: "unhealthy", since: beganAt }]);
  });

  it("remembers a bounded number of them", async () => {
    const check = fakeCheck({ name: "flapping" });
    monitorOf([check]);
    for (let run = 0; run < 60; run += 1) {
      check.action = run % 2 === 0 ? () => {} : () => Promise.reject(new ServiceWarning("odd"));
      await monitor.report();
    }
    expect(monitor.reports()[0]?.transitions).toHaveLength(20);
  });

  it("logs an unforeseen error with its stack", async () => {
    monitorOf([fakeCheck({ name: "broken" }, () => Promise.reject(new TypeError("x is not a function")))]);
    await monitor.report();
    expect(logger.lines[0]).toMatchObject({
      level: "error",
      message: 'the check "broken" failed in an unexpected way',
      details: { check: "broken", error: { name: "TypeError", message: "x is not a function" } },
    });
  });
});

describe("the status of an endpoint", () => {
  const endpoint = { path: "/health/", checks: ["disk"], degraded: "fail", failureStatus: 500 } as const;
  const warning = fakeCheck({ name: "disk" }, () => Promise.reject(new ServiceWarning("nearly full")));

  it("fails for a warning unless it says otherwise", async () => {
    monitorOf([warning], { endpoints: [endpoint, { ...endpoint, path: "/lenient/", degraded: "pass" }] });
    expect(await monitor.report(monitor.endpoints[0])).toMatchObject({ passes: false, status: 500 });
    expect(await monitor.report(monitor.endpoints[1])).toMatchObject({ passes: true, status: 200 });
  });

  it("is the failure status it asks for", async () => {
    monitorOf([warning], { endpoints: [{ ...endpoint, failureStatus: 503 }] });
    expect(await monitor.report()).toMatchObject({ status: 503 });
  });
});

describe("limits", () => {
  it("runs at most so many checks at once, and the others in turn", async () => {
    let running = 0;
    let most = 0;
    const checks = Array.from({ length: 10 }, (_, index) =>
      fakeCheck({ name: `check ${index}` }, async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 100));
        running -= 1;
      }),
    );
    monitorOf(checks, { concurrency: 3 });
    const report = monitor.report();
    await vi.advanceTimersByTimeAsync(400);
    expect((await report).passes).toBe(true);
    expect(most).toBe(3);
  });
});

describe("a issue in the making", () => {
  it("refuses a check whose labels take the place of what every metric has", () => {
    const check = Object.assign(fakeCheck({ name: "shop" }), { labels: { type: "of shop" } });
    expect(() => monitorOf([check])).toThrow(
      'the check "shop" cannot be published: a check cannot have a label "type", which holds the check\'s type: give it another name',
    );
  });

  it("refuses two checks of one name", () => {
    expect(() => new HealthMonitor([fakeCheck({ name: "X" }), fakeCheck({ name: "X" })])).toThrow(
      'two checks are called "X"',
    );
  });

  it("refuses an endpoint that names no check", () => {
    const endpoint = { path: "/health/", checks: ["database"], degraded: "fail", failureStatus: 500 } as const;
    expect(() => new HealthMonitor([], { endpoints: [endpoint] })).toThrow(
      'the endpoint /health/ names "database", and there is no check of that name',
    );
  });
});

describe("a monitor", () => {
  it("is called Health unless it is given a title", async () => {
    const monitorOf = (options: object) => new HealthMonitor([], { logger: rememberingLogger(), ...options });
    expect((await monitorOf({}).report()).title).toBe("Health");
    expect((await monitorOf({ title: "shop" }).report()).title).toBe("shop");
  });

  it("runs nothing twice when it is started twice, and nothing when it is closed", async () => {
    vi.useFakeTimers();
    const check = fakeCheck({ name: "a", interval: "1s" });
    const monitor = new HealthMonitor([check], { logger: rememberingLogger() });
    monitor.start();
    monitor.start();
    await vi.advanceTimersByTimeAsync(500);
    expect(check.runs).toBe(1);
    await monitor.close();
    monitor.start();
    await vi.advanceTimersByTimeAsync(5000);
    expect(check.runs).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("says what there is not to report on, to refresh or to renew", async () => {
    const monitor = new HealthMonitor([], { logger: rememberingLogger(), endpoints: [] });
    await expect(monitor.report()).rejects.toThrow("the monitor has no endpoint to report on");
    for (const ask of [() => monitor.refresh(["x"]), () => monitor.renew("x"), () => monitor.reports(["x"])]) {
      expect(ask).toThrow('no check is called "x"');
    }
  });

  it.each([
    ["ftp://traces.example/{traceId}", "must be an address"],
    ["see https://traces.example/{traceId}", "must be an address"],
    ["https://traces.example/{traceId} there", "must be an address"],
    ["https://traces.example/<{traceId}>", "must be an address"],
    ["https://traces.example/", "must have {traceId} in it, where the trace's id belongs"],
    ["http://traces.example/{traceId}", undefined],
    ["https://traces.example/?id={traceId}", undefined],
  ])("with %j as address of traces is refused: %s", (traceUrl, message) => {
    const make = () => new HealthMonitor([], { logger: rememberingLogger(), traceUrl });
    if (message === undefined) expect(make).not.toThrow();
    else expect(make).toThrow(`traceUrl: ${message}`);
  });
});

describe("closing", () => {
  it("aborts the runs, lets their callers go, ends the schedule and closes the checks", async () => {
    const close = vi.fn();
    const check = Object.assign(
      fakeCheck({ name: "slow", interval: "1s" }, () => new Promise(() => {})),
      { close },
    );
    monitorOf([check]).start();
    const report = monitor.report();
    await monitor.close();
    expect((await report).checks).toMatchObject([{ state: "unknown" }]);
    expect(close).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(0); // The exporter of the tests takes a tick for each span.
    expect(vi.getTimerCount()).toBe(0);
  });

  it("runs nothing that is asked for afterwards", async () => {
    const check = fakeCheck({ name: "a" });
    const dependent = fakeCheck({ name: "b", dependsOn: ["a"] });
    monitorOf([check, dependent]);
    await monitor.close();
    await Promise.all([monitor.refresh(["a", "b"]), monitor.renew("a"), monitor.renew("b")]);
    expect((await monitor.report()).checks).toMatchObject([{ state: "unknown" }, { state: "unknown" }]);
    expect([check.runs, dependent.runs]).toEqual([0, 0]);
  });

  it("tells of a check that cannot close, and does not wait for it for ever", async () => {
    const check = Object.assign(fakeCheck({ name: "stuck" }), { close: () => new Promise<void>(() => {}) });
    monitorOf([check]);
    const closed = monitor.close();
    await vi.advanceTimersByTimeAsync(2000);
    await closed;
    expect(logger.lines).toMatchObject([{ level: "warn", message: 'the check "stuck" could not be closed' }]);
  });
});

describe("a process that has run out of files", () => {
  it("knows nothing about its checks, and says why in the log once a minute", async () => {
    const fail = (): never => {
      throw Object.assign(new Error("connect EMFILE 192.0.2.1:80"), { code: "EMFILE", syscall: "connect" });
    };
    monitorOf([fakeCheck({ name: "a" }, fail), fakeCheck({ name: "b" }, fail)]);
    await monitor.refresh(["a", "b"]);
    expect(monitor.reports()).toMatchObject([{ state: "unknown" }, { state: "unknown" }]);
    const told = () => logger.lines.filter(({ level }) => level === "error");
    const message =
      "this process has too many files open (raise its limit: ulimit -n): checks that need more are unknown";
    expect(told()).toEqual([{ level: "error", details: { code: "EMFILE" }, message }]);
    await vi.advanceTimersByTimeAsync(59_000);
    await monitor.refresh(["a"]);
    expect(told()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await monitor.refresh(["a"]);
    expect(told()).toHaveLength(2);
  });
});
