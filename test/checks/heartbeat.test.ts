import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Heartbeat } from "../../src/checks/heartbeat.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";

const options = { every: "1h", grace: "5m", token: "token-of-the-job" };

describe("Heartbeat", () => {
  describeCheck(Heartbeat, { options, secrets: (secret) => ({ ...options, token: secret }) });

  describe("in the course of time", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    const failureAfter = async (check: Heartbeat, minutes: number) => {
      vi.setSystemTime(Date.now() + minutes * 60_000);
      return (await runCheck(check, { keepOpen: true })).failure;
    };

    it("is healthy until a heartbeat is overdue, and again with the next", async () => {
      const check = new Heartbeat(options);
      check.beat({ kind: "success" });
      expect(await failureAfter(check, 65)).toBeUndefined();
      expect(await failureAfter(check, 1)).toMatchObject({
        kind: "Unavailable",
        message: "the last heartbeat came 1h6m ago, expected at least every 1h",
        reason: "timeout",
      });
      check.beat({ kind: "success" });
      expect(await failureAfter(check, 0)).toBeUndefined();
    });

    it("says so when none has come yet, which its start period forgives", async () => {
      const check = new Heartbeat(options);
      expect(await failureAfter(check, 0)).toMatchObject({ message: "no heartbeat has come yet" });
      expect(String(check.startPeriod)).toBe("1h5m");
      expect(String(new Heartbeat({ ...options, startPeriod: "1s" }).startPeriod)).toBe("1s");
    });

    it("is unhealthy when the job has begun and does not end", async () => {
      const check = new Heartbeat(options);
      check.beat({ kind: "success" });
      check.beat({ kind: "start" });
      expect(await failureAfter(check, 65)).toBeUndefined();
      expect(await failureAfter(check, 1)).toMatchObject({ message: "started 1h6m ago and has not ended" });
    });

    it("is unhealthy when the job says that it failed, until it says that it did not", async () => {
      const check = new Heartbeat(options);
      check.beat({ kind: "failure", exitCode: 3, message: "disk full" });
      expect(await failureAfter(check, 0)).toMatchObject({
        kind: "Unexpected Result",
        message: "the job ended with exit code 3: disk full",
        reason: "unexpected_result",
      });
      check.beat({ kind: "failure", exitCode: undefined, message: "" });
      expect(await failureAfter(check, 0)).toMatchObject({ message: "the job failed" });
      check.beat({ kind: "start" });
      expect(await failureAfter(check, 0)).toMatchObject({ message: "the job failed" });
      check.beat({ kind: "success" });
      expect(await failureAfter(check, 0)).toBeUndefined();
    });
  });
});
