import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CheckThread } from "../../../src/engine/threads/check-thread.ts";
import { ThreadExecutor } from "../../../src/engine/threads/thread-executor.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { TellingThread, Waiting } from "../../support/thread-checks.ts";

// The threads have clocks of their own, which go on.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const logger = rememberingLogger();
const never = new AbortController().signal;

describe("a thread that no run needs", () => {
  const telling = new TellingThread({ name: "telling" });

  /** Which thread a run is in. */
  const threadOf = (executor: ThreadExecutor): Promise<string> =>
    executor.run(telling, never).then(
      () => "none",
      ({ message }: Error) => message,
    );

  it("is ended after a minute, and not before", async () => {
    const executor = new ThreadExecutor({ threads: 1, logger });
    const first = await threadOf(executor);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(await threadOf(executor)).toBe(first);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(await threadOf(executor)).toBe(first);
    await vi.advanceTimersByTimeAsync(60_000);
    await vi.waitFor(async () => expect(await threadOf(executor)).not.toBe(first));
    await executor.close();
  });

  it("is not ended while a run that came meanwhile is under way in it", async () => {
    const executor = new ThreadExecutor({ threads: 1, logger });
    const first = await threadOf(executor);
    await vi.advanceTimersByTimeAsync(59_000);
    const running = executor.run(new Waiting({ milliseconds: 100 }), never);
    await vi.advanceTimersByTimeAsync(2000);
    await running;
    expect(await threadOf(executor)).toBe(first);
    await executor.close();
  });
});

describe("a thread in which a run was aborted", () => {
  const waiting = (heedful: boolean) => new Waiting({ milliseconds: 3_600_000, heedful });

  it("lives on when the check heeded its signal", async () => {
    const thread = await CheckThread.start(logger);
    const controller = new AbortController();
    const check = waiting(true);
    await thread.load(check);
    const running = thread.run(check, controller.signal);
    controller.abort(new Error("it took too long"));
    await expect(running).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(1000);
    expect(thread.ended).toBe(false);
    thread.end();
  });

  it("is ended after a moment when it did not", async () => {
    const thread = await CheckThread.start(logger);
    const controller = new AbortController();
    const check = waiting(false);
    await thread.load(check);
    const running = thread.run(check, controller.signal);
    const lost = expect(running).rejects.toThrow("the worker thread ended");
    controller.abort(new Error("it took too long"));
    await vi.advanceTimersByTimeAsync(199);
    expect(thread.ended).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(thread.ended).toBe(true);
    await lost;
  });
});
