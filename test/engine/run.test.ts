import { stat } from "node:fs/promises";
import { ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Run, startRun } from "../../src/engine/run.ts";
import {
  NotKnownYet,
  ServiceReturnedUnexpectedResult,
  ServiceUnavailable,
  ServiceWarning,
} from "../../src/health/errors.ts";
import type { Result } from "../../src/health/result.ts";
import { fakeCheck } from "../support/checks.ts";
import { runCheck } from "../support/run-check.ts";
import { recordTelemetry } from "../support/telemetry.ts";

/** Starts a run and tells what its listener hears. */
function observedRun(check: Parameters<typeof startRun>[0]): { run: Run; results: Result[]; released: () => number } {
  const results: Result[] = [];
  let released = 0;
  const run = startRun(check, ROOT_CONTEXT, {
    settled: (result) => results.push(result),
    released: () => {
      released += 1;
    },
  });
  return { run, results, released: () => released };
}

describe("the result of a run", () => {
  it("is healthy when the check returns, at once or later", async () => {
    expect(await runCheck(fakeCheck({}))).toMatchObject({ state: "healthy", failure: undefined });
    expect(await runCheck(fakeCheck({}, async () => {}))).toMatchObject({ state: "healthy", failure: undefined });
  });

  it.each([
    [new ServiceWarning("93 % is in use"), "degraded", "Warning", "threshold"],
    [new ServiceUnavailable("is starting"), "unhealthy", "Unavailable", "unavailable"],
    [new ServiceReturnedUnexpectedResult("2 is not 1"), "unhealthy", "Unexpected Result", "unexpected_result"],
  ])("takes state, words and reason from %o", async (error, state, kind, reason) => {
    const thrown = await runCheck(
      fakeCheck({}, () => {
        throw error;
      }),
    );
    const rejected = await runCheck(fakeCheck({}, () => Promise.reject(error)));
    for (const result of [thrown, rejected]) {
      expect(result).toMatchObject({ state, failure: { kind, message: error.message, reason, expected: true } });
    }
  });

  it("gives a well-known system error its reason and a fixed text", async () => {
    const error = Object.assign(new Error("connect ECONNREFUSED 10.0.0.1:6379"), { code: "ECONNREFUSED" });
    const { failure } = await runCheck(fakeCheck({}, () => Promise.reject(error)));
    expect(failure).toMatchObject({ kind: "Unavailable", message: "connection refused", reason: "connection_refused" });
  });

  it("shows nothing of an error that nobody foresaw", async () => {
    const { failure } = await runCheck(fakeCheck({}, () => Promise.reject(new TypeError("x is not a function"))));
    expect(failure).toMatchObject({ kind: "Unknown Error", message: "unknown error", reason: "unknown" });
  });

  it("puts a message of several lines on one", async () => {
    const error = new ServiceUnavailable("first\r\nsecond\u2028third\u0000");
    const { failure } = await runCheck(fakeCheck({}, () => Promise.reject(error)));
    expect(failure?.message).toBe("first second third");
  });
});

describe("a run that takes too long", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("ends at its time-out although it ignores its signal, and is one result however it ends later", async () => {
    const late = Promise.withResolvers<void>();
    const { results, released } = observedRun(fakeCheck({ timeout: "2s" }, () => late.promise));
    await vi.advanceTimersByTimeAsync(1999);
    expect(results).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(results).toMatchObject([
      { state: "unhealthy", durationSeconds: 2, failure: { reason: "timeout", message: "timed out after 2s" } },
    ]);
    expect(released()).toBe(0);
    late.reject(new Error("late"));
    await vi.advanceTimersByTimeAsync(0);
    expect(results).toHaveLength(1);
    expect(released()).toBe(1);
  });

  it("is told so by its signal, and what it throws then does not count", async () => {
    const reasons: unknown[] = [];
    const { results } = observedRun(
      fakeCheck({ timeout: "1s" }, (signal) => {
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            reasons.push(signal.reason);
            reject(new Error("aborted"));
          });
        });
      }),
    );
    await vi.advanceTimersByTimeAsync(1000);
    expect(reasons).toMatchObject([{ name: "TimeoutError", message: "timed out after 1s" }]);
    expect(results).toMatchObject([{ failure: { reason: "timeout" } }]);
  });

  it("leaves no timer when it ends in time", async () => {
    observedRun(fakeCheck({}, async () => {}));
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is unknown when it is aborted", () => {
    const { run, results } = observedRun(fakeCheck({}, () => new Promise(() => {})));
    run.abort();
    run.abort();
    expect(results).toMatchObject([{ state: "unknown", failure: undefined }]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a run in a process that is blocked", () => {
  /** Keeps everything else in this thread from happening. */
  function block(milliseconds: number): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  }

  it("takes an answer that came while nobody could look, although its time is up", async () => {
    const check = fakeCheck({ timeout: "100ms", interval: "10s" }, async () => void (await stat(import.meta.filename)));
    const reading = runCheck(check);
    block(1000);
    expect(await reading).toMatchObject({ state: "healthy" });
  });

  it("is in vain when its time was up meanwhile", async () => {
    const waiting = runCheck(fakeCheck({ timeout: "100ms" }, () => new Promise(() => {})));
    block(250);
    expect(await waiting).toMatchObject({ state: "unknown", inconclusive: true, failure: undefined });
  });

  it.each([
    [900, "healthy"],
    [1100, "unknown"],
  ] as const)("that passed, and was blocked for %d ms of an interval of 1 s, is %s", (blocked, state) => {
    const results: Result[] = [];
    const listener = { settled: (result: Result) => void results.push(result), released: () => {} };
    startRun(fakeCheck({ interval: "1s" }), ROOT_CONTEXT, listener, { blockedSince: () => blocked });
    expect(results).toMatchObject([{ state, inconclusive: state === "unknown" }]);
  });

  it.each([
    ["timeout", 120, true],
    ["timeout", 80, false],
    ["connection_reset", 120, true],
    ["threshold", 120, true],
    ["connection_refused", 120, false],
    ["connection_refused", 2600, true],
  ] as const)("that failed by %s and was blocked for %d ms of 5 s is in vain: %s", (reason, blocked, inconclusive) => {
    const results: Result[] = [];
    const check = fakeCheck({ timeout: "5s" }, () => {
      throw new ServiceUnavailable("no", { reason });
    });
    const listener = { settled: (result: Result) => void results.push(result), released: () => {} };
    startRun(check, ROOT_CONTEXT, listener, { blockedSince: () => blocked });
    expect(results).toMatchObject([{ state: inconclusive ? "unknown" : "unhealthy" }]);
  });
});

describe("the span of a run", () => {
  it("is no error when the check says that it cannot tell yet", async () => {
    const { spans } = await recordTelemetry(async () => {
      const error = new NotKnownYet("no heartbeat has come yet");
      const { state, failure } = await runCheck(fakeCheck({}, () => Promise.reject(error)));
      expect({ state, failure }).toMatchObject({ state: "unknown", failure: { kind: "Unknown", reason: "unknown" } });
    });
    expect(spans).toMatchObject([
      { status: { code: SpanStatusCode.UNSET }, attributes: { "health.check.state": "unknown" } },
    ]);
    expect(spans[0]?.attributes).not.toHaveProperty("error.type");
  });

  it("is active while the check runs, so that what its client traces becomes its child", async () => {
    const { spans } = await recordTelemetry(async () => {
      await runCheck(
        fakeCheck({ name: "cache" }, async () => {
          await null;
          trace.getTracer("client").startSpan("PING").end();
        }),
      );
    });
    expect(spans.map(({ name }) => name)).toEqual(["PING", "check cache"]);
    expect(spans[0]?.parentSpanId).toBe(spans[1]?.spanId);
    expect(spans[1]).toMatchObject({
      parentSpanId: undefined,
      attributes: {
        "health.check.name": "cache",
        "health.check.type": "fake-check",
        "health.check.state": "healthy",
        "user_agent.synthetic.type": "test",
      },
      status: { code: SpanStatusCode.UNSET },
    });
  });

  it.each([new ServiceWarning("too full"), new ServiceUnavailable("gone")])("is an error for %o", async (error) => {
    const { spans } = await recordTelemetry(async () => {
      await runCheck(fakeCheck({}, () => Promise.reject(error)));
    });
    expect(spans).toMatchObject([
      {
        attributes: { "error.type": error.reason, "health.check.state": error.state },
        status: { code: SpanStatusCode.ERROR, message: `${error.kind}: ${error.message}` },
        events: [],
      },
    ]);
  });

  it("carries an unforeseen exception as an event", async () => {
    const { spans } = await recordTelemetry(async () => {
      await runCheck(fakeCheck({}, () => Promise.reject(new TypeError("x is not a function"))));
    });
    expect(spans[0]?.status).toEqual({ code: SpanStatusCode.ERROR, message: "Unknown Error: unknown error" });
    expect(spans[0]?.events).toMatchObject([
      { name: "exception", attributes: { "exception.type": "TypeError", "exception.message": "x is not a function" } },
    ]);
  });
});
