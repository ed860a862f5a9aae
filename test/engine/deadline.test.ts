import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { setDeadline } from "../../src/engine/deadline.ts";
import { suspend } from "../support/suspend.ts";

// The turns of the event loop stay real.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

describe("a deadline", () => {
  const begin = () => {
    vi.advanceTimersByTime(5000); // So that the clock does not stand at zero.
    const timeUp = vi.fn();
    const timer = setDeadline(performance.now(), 1000, timeUp);
    vi.advanceTimersByTime(999);
    expect(timeUp).not.toHaveBeenCalled();
    return { timeUp, timer };
  };

  it.each([0, 20])("is met at once when it is %d ms late, as timers are", (late) => {
    const { timeUp } = begin();
    suspend(late);
    vi.advanceTimersByTime(1);
    expect(timeUp).toHaveBeenCalledOnce();
  });

  it("lets what has arrived come first when the process was blocked", async () => {
    const { timeUp } = begin();
    suspend(21);
    vi.advanceTimersByTime(1);
    expect(timeUp).not.toHaveBeenCalled();
    await turn();
    expect(timeUp).toHaveBeenCalledOnce();
  });

  it("is none any more once its timer is cleared", async () => {
    const { timeUp, timer } = begin();
    clearTimeout(timer);
    vi.advanceTimersByTime(10_000);
    await turn();
    expect(timeUp).not.toHaveBeenCalled();
  });
});
