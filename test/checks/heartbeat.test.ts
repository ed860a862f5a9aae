import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Heartbeat } from "../../src/checks/heartbeat.ts";
import { awakeClock } from "../../src/health/time/awake-clock.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";
import { suspend } from "../support/suspend.ts";

const options = { every: "1h", grace: "5m", token: "token-of-the-job" };
const second = 1000;
const minute = 60 * second;

const found = (check: Heartbeat) => runCheck(check, { keepOpen: true });

async function foundAfter(milliseconds: number, check: Heartbeat) {
  vi.advanceTimersByTime(milliseconds);
  return found(check);
}

/** Sets the wall clock, which moves nothing else. */
function setClock(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds);
}

/** The server stops, and starts again after some time, perhaps with other options: JSON is all that is left. */
function restart(check: Heartbeat, downMilliseconds: number, other: Partial<typeof options> = {}): Heartbeat {
  const memory: unknown = JSON.parse(JSON.stringify(check.remember()));
  vi.advanceTimersByTime(downMilliseconds);
  const next = new Heartbeat({ ...options, ...other });
  next.recall(memory);
  return next;
}

describe("Heartbeat", () => {
  describeCheck(Heartbeat, { options, secrets: (secret) => ({ ...options, token: secret }) });

  it.each([490, 496, 499])("shows no part of a token that begins at character %i of a message", async (length) => {
    const check = new Heartbeat(options);
    check.beat({ kind: "failure", exitCode: 1, message: `${"x".repeat(length)}${options.token} was refused` });
    const { failure } = await runCheck(check);
    expect(failure?.message).toContain("xxx[");
    expect(failure?.message).not.toContain("xxxt");
  });

  describe("in the course of time", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => {
      vi.restoreAllMocks();
      vi.useRealTimers();
    });

    it("is healthy until a heartbeat is overdue, and again with the next", async () => {
      const check = new Heartbeat(options);
      check.beat({ kind: "success" });
      expect(await foundAfter(65 * minute, check)).toMatchObject({ state: "healthy" });
      expect((await foundAfter(minute, check)).failure).toMatchObject({
        kind: "Unavailable",
        message: "the last heartbeat came 1h6m ago, expected at least every 1h",
        reason: "timeout",
      });
      check.beat({ kind: "success" });
      expect(await found(check)).toMatchObject({ state: "healthy" });
    });

    it("is unknown until the first heartbeat is overdue", async () => {
      const failure = { message: "no heartbeat has come yet" };
      const check = new Heartbeat(options);
      expect(await foundAfter(65 * minute, check)).toMatchObject({ state: "unknown", failure });
      expect(await foundAfter(minute, check)).toMatchObject({ state: "unhealthy", failure });
      const impatient = new Heartbeat({ ...options, startPeriod: "1s" });
      expect(await found(impatient)).toMatchObject({ state: "unknown", failure });
      expect(await foundAfter(1001, impatient)).toMatchObject({ state: "unhealthy", failure });
    });

    it("is unhealthy at once when the first heartbeat tells of a failure, also within its start period", async () => {
      const check = new Heartbeat({ ...options, startPeriod: "1d" });
      check.beat({ kind: "failure", exitCode: 1, message: "" });
      expect(check.startPeriod.milliseconds).toBe(0);
      expect(await found(check)).toMatchObject({ state: "unhealthy" });
    });

    it("is unhealthy when the job has begun and does not end", async () => {
      const check = new Heartbeat(options);
      check.beat({ kind: "success" });
      check.beat({ kind: "start" });
      expect(await foundAfter(65 * minute, check)).toMatchObject({ state: "healthy" });
      expect((await foundAfter(minute, check)).failure).toMatchObject({
        message: "started 1h6m ago and has not ended",
      });
    });

    it("is unhealthy when the job says that it failed, until it says that it did not", async () => {
      const check = new Heartbeat(options);
      check.beat({ kind: "failure", exitCode: 3, message: "disk full" });
      expect((await found(check)).failure).toMatchObject({
        kind: "Unexpected Result",
        message: "the job ended with exit code 3: disk full",
        reason: "unexpected_result",
      });
      const failedAt = Date.now();
      check.beat({ kind: "failure", exitCode: undefined, message: "" });
      const failure = { message: "the job failed", beganAt: failedAt };
      expect((await foundAfter(10 * minute, check)).failure).toMatchObject(failure);
      check.beat({ kind: "start" });
      expect((await found(check)).failure).toMatchObject({ message: "the job failed" });
      check.beat({ kind: "success" });
      expect(await found(check)).toMatchObject({ state: "healthy" });
    });

    it("measures how long ago the job reported, and how long it took if it reported its start", async () => {
      const check = new Heartbeat(options);
      expect((await found(check)).measures).toEqual([]);
      check.beat({ kind: "success" });
      expect((await foundAfter(5 * minute, check)).measures).toEqual([{ name: "age", unit: "s", value: 300 }]);
      check.beat({ kind: "start" });
      vi.advanceTimersByTime(2 * minute);
      check.beat({ kind: "failure", exitCode: 1, message: "" });
      const values = [
        { name: "age", unit: "s", value: 60 },
        { name: "jobDuration", unit: "s", value: 120 },
      ];
      expect(await foundAfter(minute, check)).toMatchObject({ state: "unhealthy", measures: values });
      expect((await found(restart(check, 0))).measures).toEqual(values);
      check.beat({ kind: "success" });
      expect((await found(check)).measures).toEqual([{ name: "age", unit: "s", value: 0 }]);
    });

    it("keeps 500 characters of a message, whole ones, and no token", () => {
      const check = new Heartbeat(options);
      check.beat({ kind: "failure", exitCode: 1, message: `${"x".repeat(146)}😀${"y".repeat(360)}` });
      const shown = `${"x".repeat(146)}\ufffd … ${"y".repeat(350)}`;
      expect(shown).toHaveLength(500);
      expect(check.remember()).toMatchObject({ failure: { message: shown } });
      check.beat({ kind: "failure", exitCode: 1, message: `called with ${options.token}` });
      expect(JSON.stringify(check.remember())).not.toContain(options.token);
      // Cut through the middle of the token, what is left of it would no longer be known for one.
      check.beat({ kind: "failure", exitCode: 1, message: `${"x".repeat(142)}${options.token}${"y".repeat(500)}` });
      expect(check.remember()).toMatchObject({ failure: { message: expect.stringMatching(/^x{142}\[reda/) } });
    });

    it.each([24 * 60 * minute, -24 * 60 * minute])("does not mind that the clock is set by %d ms", async (shift) => {
      const check = new Heartbeat(options);
      check.beat({ kind: "success" });
      setClock(shift);
      expect(await foundAfter(65 * minute, check)).toMatchObject({ state: "healthy" });
      expect((await foundAfter(minute, check)).failure).toMatchObject({ message: expect.stringContaining("1h6m ago") });
    });

    describe("while the process is watched", () => {
      beforeEach(() => awakeClock.beginTicks());
      afterEach(() => awakeClock.endTicks());

      it("is not overdue because of the time in which nobody could listen", async () => {
        const check = new Heartbeat(options);
        check.beat({ kind: "success" });
        const ticking = setInterval(() => awakeClock.tick(), 200);
        expect(await foundAfter(64 * minute, check)).toMatchObject({ state: "healthy" });
        suspend(180 * minute);
        expect(await found(check)).toMatchObject({ state: "healthy" });
        expect(await foundAfter(30 * second, check)).toMatchObject({ state: "healthy" });
        expect(await foundAfter(31 * second, check)).toMatchObject({
          state: "unhealthy",
          failure: { message: expect.stringContaining("came 4h5m1s ago") },
        });
        clearInterval(ticking);
      });
    });
  });

  describe("after a restart", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it("knows when the last heartbeat came, and when the job began", async () => {
      let check = new Heartbeat(options);
      check.beat({ kind: "success" });
      check = restart(check, 30 * minute);
      expect(await foundAfter(35 * minute, check)).toMatchObject({ state: "healthy" });
      expect((await foundAfter(second, check)).failure).toMatchObject({
        message: "the last heartbeat came 1h5m1s ago, expected at least every 1h",
      });
      check.beat({ kind: "success" });
      check.beat({ kind: "start" });
      check = restart(check, 30 * minute);
      expect((await foundAfter(36 * minute, check)).failure).toMatchObject({
        message: "started 1h6m ago and has not ended",
      });
    });

    it("knows how the job failed", async () => {
      const check = new Heartbeat(options);
      check.beat({ kind: "failure", exitCode: 3, message: "disk full" });
      const failure = { message: "the job ended with exit code 3: disk full" };
      expect((await found(restart(check, 24 * 60 * minute))).failure).toMatchObject(failure);
      check.beat({ kind: "failure", exitCode: undefined, message: "" });
      expect((await found(restart(check, 0))).failure).toMatchObject({ message: "the job failed" });
    });

    it.each([
      { was: "late already", up: 62 * minute, down: minute },
      { was: "not yet late", up: 10 * minute, down: 120 * minute },
    ])("gives a job its grace that was $was when the server stopped", async ({ up, down }) => {
      let check = new Heartbeat(options);
      check.beat({ kind: "success" });
      expect(await foundAfter(up, check)).toMatchObject({ state: "healthy" });
      check = restart(check, down);
      expect((await foundAfter(5 * minute - 1, check)).state).toBe("unknown");
      expect(await foundAfter(2, check)).toMatchObject({ state: "unhealthy" });
      check.beat({ kind: "success" });
      expect(await foundAfter(65 * minute, check)).toMatchObject({ state: "healthy" });
      expect(await foundAfter(minute, check)).toMatchObject({ state: "unhealthy" });
    });

    it("gives the whole of it again once the job has called", async () => {
      let check = new Heartbeat(options);
      check = restart(check, 64 * minute);
      await foundAfter(4 * minute, check);
      check.beat({ kind: "success" });
      check = restart(check, 120 * minute);
      expect(await foundAfter(5 * minute - 1, check)).toMatchObject({ state: "unknown" });
      expect(await foundAfter(2, check)).toMatchObject({ state: "unhealthy" });
    });

    it("says what it waits for meanwhile", async () => {
      const check = new Heartbeat(options);
      check.beat({ kind: "success" });
      expect((await found(restart(check, 120 * minute))).failure).toMatchObject({
        kind: "Unknown",
        message:
          "the last heartbeat came 2h ago, expected at least every 1h, but Healthspan did not listen all the time",
      });
    });

    it("stays unhealthy when the job was overdue before", async () => {
      const check = new Heartbeat(options);
      check.beat({ kind: "success" });
      expect(await foundAfter(66 * minute, check)).toMatchObject({ state: "unhealthy" });
      expect(await found(restart(check, minute))).toMatchObject({ state: "unhealthy" });
      // Unless it is to be done less often from now on.
      expect(await found(restart(check, 0, { every: "1d" }))).toMatchObject({ state: "healthy" });
    });

    it.each([
      { job: "that came once", beats: true, up: 20 * minute },
      { job: "that never came", beats: false, up: 20 * minute },
      { job: "that came once, with less time between than the grace", beats: true, up: minute },
    ])("tells of a missed job $job however often the server restarts", async ({ beats, up }) => {
      let check = new Heartbeat(options);
      if (beats) check.beat({ kind: "success" });
      const states = new Set<string>();
      for (let passed = 0; passed < 80 * minute; passed += up + second) {
        states.add((await foundAfter(up, check)).state);
        check = restart(check, second);
      }
      expect(await found(check)).toMatchObject({ state: "unhealthy" });
      expect(states).toContain("unhealthy");
    });

    it("is not confused by a clock that was set back, and gives its grace after one that was set forward", async () => {
      const check = new Heartbeat(options);
      check.beat({ kind: "success" });
      setClock(24 * 60 * minute);
      // The file is written by the clock that has been set.
      expect(await found(restart(check, minute))).toMatchObject({ state: "healthy" });
      const memory = check.remember();
      for (const [shift, state] of [
        [-48 * 60 * minute, "healthy"],
        [96 * 60 * minute, "unknown"],
      ] as const) {
        setClock(shift);
        const next = new Heartbeat(options);
        next.recall(memory);
        expect(await found(next)).toMatchObject({ state });
      }
    });

    it.each([
      undefined,
      null,
      "text",
      {},
      { waitingSince: "yesterday", overdue: false },
      { waitingSince: 0, overdue: false, graceLeft: -1 },
      { waitingSince: 0, overdue: false, failure: { message: "x".repeat(501) } },
      { waitingSince: Number.NaN, overdue: false },
    ])("takes nothing that it would not have said: %j", (memory) => {
      expect(() => new Heartbeat(options).recall(memory)).toThrow();
    });

    it("remembers the same as long as nothing happens", () => {
      const check = new Heartbeat(options);
      check.beat({ kind: "success" });
      const before = JSON.stringify(check.remember());
      vi.advanceTimersByTime(60 * minute);
      expect(JSON.stringify(check.remember())).toBe(before);
      check.beat({ kind: "start" });
      expect(JSON.stringify(check.remember())).not.toBe(before);
    });
  });
});
