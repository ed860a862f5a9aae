import { describe, expect, it } from "vitest";
import type { CpuReading } from "../../src/host/cpu-use.ts";
import { CpuWindow } from "../../src/host/cpu-window.ts";

/** A machine with one CPU, which is busy for a share of each second that passes. */
function machine() {
  let atSeconds = 1000;
  let busy = 0;
  const read = (): CpuReading => ({ atSeconds, host: { busy, total: atSeconds }, groups: new Map() });
  const pass = (seconds: number, share: number): CpuReading => {
    atSeconds += seconds;
    busy += seconds * share;
    return read();
  };
  return { read, pass };
}

function everyFifteenSeconds(minutes: number, share: number, { pass }: ReturnType<typeof machine>, window: CpuWindow) {
  return Array.from({ length: 4 * minutes }, () => window.add(pass(15, share)));
}

describe("CpuWindow", () => {
  it("is not whole until it has seen all of its time", () => {
    const one = machine();
    const averages = everyFifteenSeconds(1, 1, one, new CpuWindow(one.read(), 60, 0));
    expect(averages.map((average) => average?.isWhole)).toEqual([false, false, false, true]);
    expect(averages.map((average) => average?.seconds)).toEqual([15, 30, 45, 60]);
    expect(averages.map((average) => average?.percent)).toEqual([100, 100, 100, 100]);
  });

  it("forgets what is longer ago than its time", () => {
    const one = machine();
    const window = new CpuWindow(one.read(), 60, 0);
    everyFifteenSeconds(10, 1, one, window);
    const calm = everyFifteenSeconds(2, 0, one, window);
    expect(calm.map((average) => average?.percent)).toEqual([75, 50, 25, 0, 0, 0, 0, 0]);
    expect(calm.every((average) => average?.isWhole === true && average.seconds === 60)).toBe(true);
  });

  it("looks no further back because a reading came a little early", () => {
    const one = machine();
    const window = new CpuWindow(one.read(), 60, 0);
    everyFifteenSeconds(1, 1, one, window);
    expect(window.add(one.pass(14.5, 1))).toMatchObject({ seconds: 59.5, isWhole: true });
    const short = new CpuWindow(one.read(), 60, 0);
    expect(short.add(one.pass(56, 1))).toMatchObject({ seconds: 56, isWhole: false });
  });

  it("looks at the time since the reading before when that is longer", () => {
    const one = machine();
    const window = new CpuWindow(one.read(), 60, 0);
    window.add(one.pass(300, 1));
    expect(window.add(one.pass(300, 0.25))).toMatchObject({ percent: 25, seconds: 300, isWhole: true });
  });

  it("looks at the time since the reading before when it has no length, however soon it is asked again", () => {
    const one = machine();
    const window = new CpuWindow(one.read(), 0, 0);
    expect(window.add(one.pass(10, 1))).toMatchObject({ percent: 100, seconds: 10, isWhole: true });
    expect(window.add(one.pass(10, 0.5))).toMatchObject({ percent: 50, seconds: 10, isWhole: true });
    // A tenth of a second would be noise.
    expect(window.add(one.pass(0.125, 0))?.seconds).toBe(10.125);
    expect(window.add(one.pass(0.125, 0))).toMatchObject({ percent: 0, seconds: 0.25 });
  });

  it("leaves out the time at its start, which belongs to no whole average", () => {
    const one = machine();
    const averages = everyFifteenSeconds(3, 1, one, new CpuWindow(one.read(), 60, 60));
    expect(averages.map((average) => average?.isWhole)).toEqual([...Array(7).fill(false), ...Array(5).fill(true)]);
  });

  it("begins anew when the counters went back", () => {
    const one = machine();
    const window = new CpuWindow(one.read(), 60, 0);
    everyFifteenSeconds(2, 1, one, window);
    one.pass(15, -100);
    expect(window.add(one.read())).toBeUndefined();
    expect(window.add(one.pass(15, 0.5))).toMatchObject({ percent: 50, seconds: 15, isWhole: false });
  });

  it("keeps no more readings when it is asked without a pause", () => {
    const one = machine();
    let reads = 0;
    const counted = (reading: CpuReading): CpuReading => ({
      ...reading,
      get atSeconds() {
        reads += 1;
        return reading.atSeconds;
      },
    });
    const window = new CpuWindow(one.read(), 60, 0);
    for (let second = 0; second < 120; second += 0.125) window.add(counted(one.pass(0.125, 1)));
    reads = 0;
    expect(window.add(counted(one.pass(0.125, 1)))?.seconds).toBeCloseTo(60, -1);
    expect(reads).toBeLessThan(500);
  });

  it("waits only when its first reading is as good as now", () => {
    const one = machine();
    const window = new CpuWindow(one.read(), 60, 0);
    expect(window.secondsToWait(1000.125)).toBe(0.125);
    expect(window.secondsToWait(1010)).toBe(0);
    window.add(one.pass(0.25, 1));
    expect(window.secondsToWait(1000.25)).toBe(0);
  });
});
