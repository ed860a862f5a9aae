import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Scheduler } from "../../src/engine/scheduler.ts";
import { EngineInstruments } from "../../src/telemetry/metrics/engine-instruments.ts";
import { BlockingClock } from "../support/blocking-clock.ts";
import { suspend } from "../support/suspend.ts";

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

  it.each([
    ["before", () => 0, -50],
    ["after", () => 1, 50],
  ])(
    "moves each start to a twentieth of the interval %s its place at most, which does not add up",
    async (_, random, moved) => {
      const { due, lagged } = await schedule({ a: 1000 }, 20_060, random);
      const places = Array.from({ length: 20 }, (_place, index) => (index + 1) * 1000 + moved);
      expect(due.a).toEqual([0, ...places]);
      expect(Math.max(...lagged.mock.calls.map(([seconds]) => seconds))).toBeLessThan(0.002);
    },
  );

  it("moves starts at random unless it is told how", async () => {
    const due: number[] = [];
    const scheduler = new Scheduler<string>(() => due.push(performance.now()), new EngineInstruments());
    scheduler.add([{ subject: "a", intervalMilliseconds: 1000 }]);
    await vi.advanceTimersByTimeAsync(10_060);
    const distances = due.slice(1).map((at, index) => Math.round(at - (due[index] ?? 0)));
    expect(new Set(distances).size).toBeGreaterThan(1);
    scheduler.stop();
  });

  it("leaves out what was removed, also when it spreads again", async () => {
    const due: string[] = [];
    const scheduler = new Scheduler<string>(
      (subject) => due.push(subject),
      new EngineInstruments(),
      () => 0.999,
    );
    const subjects = Array.from({ length: 100 }, (_, index) => `removed ${index}`);
    scheduler.add([...subjects, "kept"].map((subject) => ({ subject, intervalMilliseconds: 10_000 })));
    for (const subject of subjects) scheduler.remove(subject);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(due).toEqual(["kept"]);
    suspend(60_000);
    await vi.advanceTimersByTimeAsync(10_600); // One is spread over a tenth of a second, a hundred over ten.
    expect(due).toEqual(["kept", "kept"]);
    scheduler.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a schedule whose process is blocked", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  /** A schedule of so many, each every three seconds, as spread as it can be; tells when each was due. */
  function schedule(count: number) {
    vi.useRealTimers();
    const clock = new BlockingClock();
    const starts: { subject: number; at: number }[] = [];
    const instruments = new EngineInstruments();
    const lagged = vi.spyOn(instruments, "lagged");
    let seed = 1;
    const random = () => {
      seed = (seed * 1664525 + 1013904223) % 2 ** 32; // Knuth and Lewis
      return seed / 2 ** 32;
    };
    const scheduler = new Scheduler<number>(
      (subject) => void starts.push({ subject, at: clock.now }),
      instruments,
      random,
    );
    scheduler.add(Array.from({ length: count }, (_, subject) => ({ subject, intervalMilliseconds: 3000 })));
    return { clock, starts, scheduler, lagged };
  }

  /** How many of them are due within a tenth of a second at the most. */
  function maxAtOnce(starts: readonly { readonly at: number }[]): number {
    return Math.max(...starts.map(({ at }) => starts.filter((one) => one.at >= at && one.at < at + 100).length));
  }

  it("starts what was due meanwhile one after the other, and drives nothing together, however often it is", () => {
    const { clock, starts, scheduler } = schedule(300); // 10 within a tenth of a second
    clock.pass(9000);
    for (const milliseconds of [700, 1200, 2400, 700, 1200, 2400, 700, 1200, 2400]) {
      starts.length = 0;
      clock.block(milliseconds);
      const wokeAt = clock.now;
      clock.pass(8300);
      expect(maxAtOnce(starts)).toBeLessThanOrEqual(50);
      const soon = starts.filter(({ at }) => at < wokeAt + 3000);
      expect(soon.length).toBeLessThanOrEqual(1.3 * 300); // Nothing runs twice to make up for it.
      expect(new Set(soon.map(({ subject }) => subject)).size).toBe(300);
    }
    scheduler.stop();
    expect(clock.pending).toBe(0);
  });

  it("gives each its place in the interval back", () => {
    const { clock, starts } = schedule(1);
    clock.pass(8900);
    clock.block(500); // It was due after some hundred milliseconds.
    starts.length = 0;
    clock.pass(30_000);
    const [, ...later] = starts;
    for (const { at } of later) expect(Math.abs(at - Math.round(at / 3000) * 3000)).toBeLessThanOrEqual(150);
    expect(later.length).toBeGreaterThanOrEqual(9);
  });

  it("measures its lag, and after more than an interval begins anew, as spread as at the start", () => {
    const { clock, starts, scheduler, lagged } = schedule(30);
    clock.pass(5000);
    starts.length = 0;
    clock.block(10_000);
    expect(starts).toEqual([]);
    const lag = Math.max(...lagged.mock.calls.map(([seconds]) => seconds));
    expect(lag).toBeGreaterThan(9);
    expect(lag).toBeLessThanOrEqual(10);
    clock.pass(3000);
    expect(new Set(starts.map(({ subject }) => subject)).size).toBe(30);
    expect(maxAtOnce(starts)).toBeLessThanOrEqual(5);
    scheduler.stop();
    expect(clock.pending).toBe(0);
  });
});
