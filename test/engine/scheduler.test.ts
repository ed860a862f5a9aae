import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Scheduler } from "../../src/engine/scheduler.ts";
import { EngineInstruments } from "../../src/telemetry/engine-instruments.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Runs a schedule for a while and tells when each subject was due, in milliseconds since its start. */
async function schedule(subjects: Record<string, number>, milliseconds: number, random = () => 0.5) {
  const instruments = new EngineInstruments();
  const lagged = vi.spyOn(instruments, "lagged");
  const startedAt = performance.now();
  const due: Record<string, number[]> = {};
  const scheduler = new Scheduler<string>(
    (subject) => {
      due[subject] = [...(due[subject] ?? []), Math.round(performance.now() - startedAt)];
    },
    instruments,
    random,
  );
  scheduler.add(Object.entries(subjects).map(([subject, intervalMilliseconds]) => ({ subject, intervalMilliseconds })));
  await vi.advanceTimersByTimeAsync(milliseconds);
  scheduler.stop();
  return { due, lagged };
}

describe("Scheduler", () => {
  it("starts each once at the beginning and then at every interval", async () => {
    expect((await schedule({ a: 1000 }, 3500)).due).toEqual({ a: [0, 1000, 2000, 3000] });
  });

  it("spreads the first starts", async () => {
    const few = await schedule({ a: 10_000, b: 10_000, c: 10_000 }, 5000);
    expect(few.due).toEqual({ a: [0], b: [100], c: [200] });
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`check ${index}`, 10_000]));
    const { due } = await schedule(many, 9999);
    expect(Object.keys(due)).toHaveLength(1000);
    expect(due["check 999"]?.[0]).toBe(9990);
  });

  it("moves each start by at most a twentieth of the interval, which does not add up", async () => {
    for (const random of [() => 0, () => 0.999999]) {
      const { due } = await schedule({ a: 1000 }, 20_100, random);
      for (const [index, at] of (due.a ?? []).entries()) expect(Math.abs(at - index * 1000)).toBeLessThanOrEqual(51);
      expect(due.a?.length).toBeGreaterThanOrEqual(20);
    }
  });

  it("does not start all at once what was due while the process was blocked, and leaves none out", async () => {
    vi.useRealTimers();
    const starts: number[] = [];
    const scheduler = new Scheduler<number>(() => void starts.push(performance.now()), new EngineInstruments());
    const subjects = Array.from({ length: 40 }, (_, subject) => ({ subject, intervalMilliseconds: 2000 }));
    scheduler.add(subjects); // 50 ms apart.
    await vi.waitFor(() => expect(starts.length).toBeGreaterThanOrEqual(5));
    const before = starts.length;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    const wokeAt = performance.now();
    await vi.waitFor(() => expect(starts.length).toBeGreaterThanOrEqual(40), { timeout: 5000 });
    scheduler.stop();
    const soon = starts.slice(before).filter((at) => at - wokeAt < 100);
    expect(soon.length).toBeLessThan(16); // Of more than twenty.
  });

  it("measures its lag, and after a pause begins anew instead of catching up", async () => {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const instruments = new EngineInstruments();
    const lagged = vi.spyOn(instruments, "lagged");
    let due = 0;
    const scheduler = new Scheduler<string>(
      () => {
        due += 1;
      },
      instruments,
      () => 0.5,
    );
    scheduler.add([{ subject: "a", intervalMilliseconds: 1000 }]);
    await vi.advanceTimersByTimeAsync(0);
    const now = performance.now();
    vi.spyOn(performance, "now").mockImplementation(() => now + 10_400); // The process slept, its timers with it.
    await vi.advanceTimersByTimeAsync(1000);
    expect(due).toBe(1);
    expect(lagged).toHaveBeenLastCalledWith(9.4);
    await vi.advanceTimersByTimeAsync(50);
    expect(due).toBe(2);
    scheduler.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
