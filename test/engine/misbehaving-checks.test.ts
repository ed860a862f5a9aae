import { describe, expect, it, vi } from "vitest";
import { ServiceUnavailable, ServiceWarning } from "../../src/health/errors.ts";
import { fakeCheck } from "../support/checks.ts";
import { Misbehaving, oddRuns, oddThrows, thenable } from "../support/misbehaving-checks.ts";
import { observeMisbehaving, throwing, withMember } from "../support/observe-misbehaving.ts";
import { recordTelemetry } from "../support/telemetry.ts";

const { logger, watch, reportsOf, isAnUnknownError, monitor } = observeMisbehaving();

describe.each(Object.keys(oddThrows))("a check that throws %s", (how) => {
  it("has an unknown error", () => isAnUnknownError(new Misbehaving({ name: `throws ${how}`, how })));
});

describe.each(Object.keys(oddRuns))("a check whose run %s", (how) => {
  it("has an unknown error", () => isAnUnknownError(new Misbehaving({ name: how, how })));
});

describe("a check whose members misbehave", () => {
  it.each([
    ["run cannot be read", "run", throwing],
    ["run is no function", "run", () => 7],
    ["labels cannot be read", "labels", throwing],
    ["labels are none", "labels", () => null],
    ["labels are numbers", "labels", () => ({ shard: 3 })],
    ["labels are a proxy", "labels", () => new Proxy({}, { ownKeys: throwing })],
    ["target cannot be read", "target", throwing],
    ["target is none", "target", () => undefined],
    [
      "target has an address that cannot be read",
      "target",
      () => Object.defineProperty({}, "address", { get: throwing }),
    ],
  ])("%s: has an unknown error", (why, member, get) => {
    return isAnUnknownError(withMember(fakeCheck({ name: why }), member, get));
  });

  it.each([
    ["cannot be read", throwing],
    ["throws", () => throwing],
    ["gives no text", () => () => 7],
    ["gives a promise", () => async (text: string) => text],
  ])("redact %s: has an unknown error, and nothing of the message is shown", async (how, get) => {
    const fails = () => Promise.reject(new ServiceUnavailable("hunter2"));
    await isAnUnknownError(withMember(fakeCheck({ name: `redact ${how}` }, fails), "redact", get));
    expect(JSON.stringify([logger.lines, monitor().reports()])).not.toContain("hunter2");
  });

  it("labels that cannot be published are not", async () => {
    const [report] = await reportsOf(withMember(fakeCheck({ name: "a" }), "labels", () => ({ shard: 3 })));
    expect(report?.check).toEqual({ name: "a", type: "fake-check", labels: {} });
  });

  it.each([
    ["is no number", () => "soon"],
    ["is no moment", () => Number.NaN],
    ["is no moment of the calendar", () => 1e17],
    ["cannot be read", throwing],
  ])("a certificate's end that %s is none", async (how, get) => {
    const [report] = await reportsOf(withMember(fakeCheck({ name: how }), "certificateExpiresAt", get));
    expect(report).toMatchObject({ state: "healthy", certificateExpiresAt: undefined });
  });
});

describe("a check that gives something that can be awaited, but is no promise", () => {
  it("passes once that has come to something, and not before", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const monitor = watch([fakeCheck({ name: "lazy" }, () => thenable((done) => void promise.then(done)))]);
    const reporting = monitor.report();
    expect(monitor.reports()).toMatchObject([{ state: "unknown" }]);
    resolve();
    expect((await reporting).checks).toMatchObject([{ state: "healthy" }]);
  });

  it("has one result when it calls back twice", async () => {
    const twice = () => {
      return thenable((done, failed) => {
        done?.();
        failed?.();
      });
    };
    for (const report of await reportsOf(fakeCheck({ name: "twice" }, twice))) {
      expect(report).toMatchObject({ state: "healthy" });
    }
  });

  it("times out when it never calls back, and does not hold the next run for ever", async () => {
    vi.useFakeTimers();
    const monitor = watch([fakeCheck({ timeout: "1s" }, () => thenable(() => {}))]);
    for (const message of ["timed out after 1s", "timed out after 1s, and has not come back since"]) {
      const reporting = monitor.report();
      await vi.advanceTimersByTimeAsync(1000);
      expect((await reporting).checks).toMatchObject([{ state: "unhealthy", failure: { reason: "timeout", message } }]);
    }
    vi.useRealTimers();
  });
});

describe("a check that cannot be closed", () => {
  it.each([
    ["cannot be read", throwing],
    ["is no function", () => 7],
    ["throws", () => throwing],
    ["throws a proxy", () => () => Promise.reject(oddThrows["a proxy"]?.())],
    ["throws the base class", () => () => Promise.reject(oddThrows["the exported base class"]?.())],
    ["gives a thenable that throws", () => () => thenable(throwing)],
  ])("because close %s is logged once, and closed all the same", async (how, get) => {
    await reportsOf(withMember(fakeCheck({ name: how }), "close", get));
    logger.lines.length = 0;
    await monitor().close();
    expect(logger.lines).toMatchObject([{ level: "warn", message: `the check "${how}" could not be closed` }]);
  });

  it.each([
    ["promise", () => new Promise(() => {})],
    ["thenable", () => thenable(() => {})],
  ])("because close gives a %s that never settles is left behind", async (_, close) => {
    vi.useFakeTimers();
    await reportsOf(withMember(fakeCheck({ name: "clinging" }), "close", () => close));
    logger.lines.length = 0;
    const closing = monitor().close();
    await vi.advanceTimersByTimeAsync(2000);
    await closing;
    expect(logger.lines).toMatchObject([{ level: "warn", details: { error: { message: "it took too long" } } }]);
    vi.useRealTimers();
  });
});

describe("a check that cannot remember", () => {
  it.each([
    ["cannot be read", throwing],
    ["is no function", () => 7],
    [
      "throws a proxy",
      () => () => {
        throw oddThrows["a proxy"]?.();
      },
    ],
    ["gives a function", () => () => throwing],
    ["gives a big integer", () => () => 1n],
    ["gives a promise that rejects", () => () => Promise.reject(new Error("x"))],
    ["gives a promise that never settles", () => () => new Promise(() => {})],
    ["gives what cannot be read", () => () => Object.defineProperty({}, "a", { get: throwing, enumerable: true })],
  ])("because remember %s has its result, and says so once", async (how, get) => {
    for (const report of await reportsOf(withMember(fakeCheck({ name: how }), "remember", get))) {
      expect(report).toMatchObject({ state: "healthy" });
    }
    expect(monitor().remember()).toMatchObject([{ name: how, state: "healthy", memory: undefined }, {}]);
    const warnings = logger.lines.filter(({ level }) => level === "warn");
    expect(warnings.map(({ message }) => message)).toEqual([
      `the check "${how}" cannot provide what it wants to remember`,
    ]);
  });

  it.each([
    ["cannot be read", throwing],
    ["is no function", () => 7],
    [
      "throws a proxy",
      () => () => {
        throw oddThrows["a proxy"]?.();
      },
    ],
    ["rejects", () => () => Promise.reject(new Error("x"))],
  ])("what it knew because recall %s starts afresh, and says so once", async (how, get) => {
    const check = withMember(fakeCheck({ name: how }), "recall", get);
    const before = { name: how, state: "healthy", since: 1, lastSuccessAt: 1, transitions: [], memory: 7 } as const;
    const monitor = watch([check], { remembered: [before] });
    expect((await monitor.report()).checks).toMatchObject([{ state: "healthy" }]);
    const warnings = logger.lines.filter(({ level }) => level === "warn");
    expect(warnings.map(({ message }) => message)).toEqual([
      `the check "${how}" cannot use what it remembered and starts afresh`,
    ]);
  });
});

describe("a check that misbehaves while something else is wrong", () => {
  it("is skipped although its target cannot be read", async () => {
    const down = fakeCheck({ name: "down" }, () => Promise.reject(new ServiceUnavailable("gone")));
    const check = withMember(fakeCheck({ name: "odd", dependsOn: ["down"] }), "target", throwing);
    const monitor = watch([down, check]);
    const { spans } = await recordTelemetry(async () => {
      expect((await monitor.report()).checks[1]).toMatchObject({ state: "skipped" });
    });
    expect(spans.find(({ name }) => name === "check odd")?.links).toHaveLength(1);
  });

  it("times out although it cannot redact", async () => {
    vi.useFakeTimers();
    const check = withMember(
      fakeCheck({ timeout: "1s" }, () => new Promise(() => {})),
      "redact",
      throwing,
    );
    const monitor = watch([check]);
    const reporting = monitor.report();
    await vi.advanceTimersByTimeAsync(1000);
    expect((await reporting).checks).toMatchObject([{ failure: { reason: "timeout", message: "timed out after 1s" } }]);
    vi.useRealTimers();
  });
});

describe("an error that is frozen", () => {
  it("says what it says", async () => {
    const check = fakeCheck({ name: "a" }, () => Promise.reject(Object.freeze(new ServiceWarning("nearly full"))));
    for (const report of await reportsOf(check)) {
      expect(report).toMatchObject({ state: "degraded", failure: { kind: "Warning", message: "nearly full" } });
    }
  });
});

describe("a logger that throws", () => {
  it("keeps nobody waiting, and no place taken", async () => {
    const failures: unknown[] = [];
    const note = (error: unknown): void => void failures.push(error);
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", note);
    try {
      const broken = { info: throwing, warn: throwing, error: throwing };
      const check = fakeCheck({}, () => Promise.reject(new ServiceUnavailable("gone")));
      const monitor = watch([check], { logger: broken, concurrency: 1 });
      for (let times = 0; times < 2; times += 1) {
        expect((await monitor.report()).checks).toMatchObject([{ failure: { message: "gone" } }]);
      }
      await vi.waitFor(() => expect(failures).toHaveLength(1)); // Of the one change of state.
    } finally {
      process.removeListener("unhandledRejection", note);
      for (const listener of others) process.on("unhandledRejection", listener);
    }
  });
});
