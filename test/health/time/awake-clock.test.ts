import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AwakeClock } from "../../../src/health/time/awake-clock.ts";
import { suspend } from "../../support/suspend.ts";

const tickMilliseconds = 200;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Ticks for so long. */
function tickFor(clock: AwakeClock, milliseconds: number): void {
  for (let passed = 0; passed < milliseconds; passed += tickMilliseconds) {
    vi.advanceTimersByTime(tickMilliseconds);
    clock.tick();
  }
}

describe("AwakeClock", () => {
  it("is the monotonic clock while nobody ticks", () => {
    const clock = new AwakeClock();
    expect(clock.now()).toBe(performance.now());
    suspend(60_000);
    expect(clock.now()).toBe(performance.now());
  });

  it("stands still while the process is suspended, before the next tick and after it", () => {
    const clock = new AwakeClock();
    clock.beginTicks();
    tickFor(clock, 1000);
    const before = clock.now();
    suspend(3_600_000);
    expect(clock.now()).toBe(before);
    clock.tick();
    expect(clock.now()).toBe(before);
    tickFor(clock, 1000);
    expect(clock.now()).toBe(before + 1000);
  });

  it("counts a block once, however many tick", () => {
    const clock = new AwakeClock();
    clock.beginTicks();
    clock.beginTicks();
    tickFor(clock, 1000);
    const before = clock.now();
    suspend(10_000);
    clock.tick();
    clock.tick();
    expect(clock.now()).toBe(before);
    clock.endTicks();
    suspend(10_000);
    clock.beginTicks();
    clock.tick();
    expect(clock.now()).toBe(before);
  });

  it("goes on when nobody ticks any more, with what was lost until then", () => {
    const clock = new AwakeClock();
    clock.beginTicks();
    const before = clock.now();
    suspend(10_000);
    clock.endTicks();
    expect(clock.now()).toBe(before);
    vi.advanceTimersByTime(5000);
    expect(clock.now()).toBe(before + 5000);
    clock.beginTicks();
    expect(clock.now()).toBe(before + 5000);
  });

  it("takes ticks that are 400 ms apart for late timers, and more for a block", () => {
    const clock = new AwakeClock();
    clock.beginTicks();
    const before = clock.now();
    suspend(400);
    expect(clock.now()).toBe(before + 400);
    suspend(1);
    expect(clock.now()).toBe(before);
  });

  it("does not fall behind because timers are late", () => {
    const clock = new AwakeClock();
    clock.beginTicks();
    const before = clock.now();
    for (let tick = 0; tick < 100; tick += 1) {
      vi.advanceTimersByTime(tickMilliseconds + 150);
      clock.tick();
    }
    expect(clock.now()).toBe(before + 100 * (tickMilliseconds + 150));
  });
});
