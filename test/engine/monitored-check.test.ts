import { INVALID_SPAN_CONTEXT } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import type { Moment } from "../../src/engine/moment.ts";
import { MonitoredCheck } from "../../src/engine/monitored-check.ts";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import { ownFailure } from "../../src/health/failure.ts";
import type { Result } from "../../src/health/result.ts";
import { fakeCheck } from "../support/checks.ts";

/** A moment so many seconds after both clocks began. */
const at = (seconds: number): Moment => ({ wallAt: 1_000_000 + seconds * 1000, monotonicAt: seconds * 1000 });

const neverBlocked = () => 0;

function monitoredCheck(options: Parameters<typeof fakeCheck>[0]) {
  const check = fakeCheck({ name: "database", ...options });
  const monitored = new MonitoredCheck(check, at(0));
  /** Lets a run end at `seconds`, which took `durationSeconds`. */
  const ran = (seconds: number, { durationSeconds = 1, ...found }: Partial<Result> = {}): void => {
    const startedAt = at(seconds - durationSeconds).wallAt;
    const failure = found.state === "unhealthy" ? ownFailure(new ServiceUnavailable("gone")) : undefined;
    const spanContext = INVALID_SPAN_CONTEXT;
    const result: Result = { check, state: "healthy", failure, startedAt, durationSeconds, spanContext, ...found };
    monitored.judge(result, at(seconds).monotonicAt);
    monitored.record(result);
  };
  return { monitored, ran };
}

describe("the age of a result", () => {
  it("is counted from its end: for callers, and for the report", () => {
    const { monitored, ran } = monitoredCheck({ interval: "10s", maxAge: "5s" });
    expect(monitored.isFresh(at(0).monotonicAt)).toBe(false);
    ran(20);
    expect(monitored.freshUntil).toBe(at(25).monotonicAt);
    expect([25, 25.1].map((seconds) => monitored.isFresh(at(seconds).monotonicAt))).toEqual([true, false]);
    expect(monitored.report(at(35))).toMatchObject({ state: "healthy" });
    expect(monitored.report(at(36))).toMatchObject({
      state: "unknown",
      since: at(35).wallAt,
      failure: { message: "the last result is too old to be trusted" },
    });
  });

  it("never is fresh for callers where each wants the present", () => {
    const { monitored, ran } = monitoredCheck({});
    ran(20);
    expect(monitored.isFresh(at(20).monotonicAt)).toBe(false);
    expect(monitored.report(at(999))).toMatchObject({ state: "healthy" });
  });

  it("may be larger by a time-out while a run is under way", () => {
    const { monitored, ran } = monitoredCheck({ interval: "10s", timeout: "2s" });
    ran(20);
    monitored.renewal = { run: undefined, done: Promise.resolve(), finish: () => {}, caller: {}, since: 0 };
    expect([37, 37.1].map((seconds) => monitored.report(at(seconds)).state)).toEqual(["healthy", "unknown"]);
  });

  it("does not change when a run was given up", () => {
    const { monitored, ran } = monitoredCheck({ interval: "10s" });
    ran(20);
    ran(30, { state: "unknown" });
    expect(monitored.freshUntil).toBe(at(35).monotonicAt);
    expect(monitored.report(at(30)).lastRun?.startedAt).toBe(at(19).wallAt);
  });
});

describe("a turn of the schedule", () => {
  it("is left out shortly after the beginning of a run, whenever that ended", () => {
    const { monitored, ran } = monitoredCheck({ interval: "10s" });
    expect(monitored.isJustRenewed(at(0).monotonicAt)).toBe(false);
    ran(20, { durationSeconds: 1 });
    expect([22, 23.1].map((seconds) => monitored.isJustRenewed(at(seconds).monotonicAt))).toEqual([true, false]);
    ran(40, { durationSeconds: 9 });
    expect(monitored.isJustRenewed(at(40).monotonicAt)).toBe(false);
  });

  it("is left out shortly after the check was skipped", () => {
    const { monitored } = monitoredCheck({ interval: "10s" });
    monitored.skip({ name: "other", state: "unhealthy" }, undefined, at(20));
    expect([22, 24.1].map((seconds) => monitored.isJustRenewed(at(seconds).monotonicAt))).toEqual([true, false]);
  });
});

describe("a report", () => {
  it("is the same object until something changes", () => {
    const { monitored, ran } = monitoredCheck({});
    ran(1);
    const report = monitored.report(at(2));
    expect(monitored.report(at(3))).toBe(report);
    ran(4);
    expect(monitored.report(at(5))).not.toBe(report);
    expect(monitored.report(at(5))).toMatchObject({
      lastRun: { startedAt: at(3).wallAt },
      lastSuccessAt: at(4).wallAt,
    });
  });

  it("keeps the last success while runs fail", () => {
    const { monitored, ran } = monitoredCheck({});
    ran(1);
    ran(2, { state: "unhealthy" });
    const report = monitored.report(at(3));
    expect(report).toMatchObject({ state: "unhealthy", lastSuccessAt: at(1).wallAt, consecutiveFailures: 1 });
    expect([...report.durations].map(([reason, { count }]) => [reason, count])).toEqual([
      [undefined, 1],
      ["unavailable", 1],
    ]);
  });
});

describe("a report of what nothing is known of", () => {
  it("counts no failures, which were those of the runs before", () => {
    const { monitored, ran } = monitoredCheck({ interval: "10s" });
    ran(1, { state: "unhealthy" });
    ran(11, { state: "unhealthy" });
    expect(monitored.report(at(12))).toMatchObject({ state: "unhealthy", consecutiveFailures: 2 });
    expect(monitored.report(at(60))).toMatchObject({ state: "unknown", consecutiveFailures: 0 });
  });
});

describe("a run that has not come back", () => {
  it("fails again at each turn", () => {
    const { monitored, ran } = monitoredCheck({ timeout: "2s" });
    ran(1, { state: "unhealthy" });
    monitored.hold(at(10), neverBlocked);
    expect(monitored.report(at(10))).toMatchObject({
      state: "unhealthy",
      consecutiveFailures: 2,
      failure: { reason: "timeout", message: "timed out after 2s, and has not come back since" },
    });
  });

  it("has its time-out once more after an inconclusive run, the blocks meanwhile not counted", () => {
    const { monitored, ran } = monitoredCheck({ timeout: "2s" });
    ran(1, { state: "unknown", inconclusive: true });
    for (const [seconds, blocked, state] of [
      [3, 0, "unknown"],
      [9, 6000, "unknown"],
      [9, 5999, "unhealthy"],
    ] as const) {
      monitored.hold(at(seconds), () => blocked);
      expect(monitored.report(at(seconds)).state, `${seconds} s, blocked for ${blocked} ms`).toBe(state);
    }
  });
});
