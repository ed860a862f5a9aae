import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { TimeSlices } from "../../src/config/time-slices.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

it("long work lets the event loop run after every 20 milliseconds, and not more often", async () => {
  const slices = new TimeSlices();
  for (let slice = 0; slice < 3; slice += 1) {
    vi.advanceTimersByTime(20);
    expect(slices.isOver).toBe(false);
    vi.advanceTimersByTime(1);
    expect(slices.isOver).toBe(true);
    let ran = false;
    setImmediate(() => (ran = true));
    await slices.pause();
    expect(ran).toBe(true);
    expect(slices.isOver).toBe(false);
  }
});
