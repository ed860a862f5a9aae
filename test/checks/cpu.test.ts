import { afterEach, describe, expect, it, vi } from "vitest";
import { Cpu } from "../../src/checks/cpu.ts";
import { readSystemFile } from "../../src/host/system-file.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";

vi.mock(import("../../src/host/system-file.ts"), async (original) => {
  const actual = await original();
  return { ...actual, readSystemFile: vi.fn(actual.readSystemFile) };
});

/** A machine with two CPUs of which `share` is in use while time passes: its /proc/stat counts hundredths of a second. */
function simulatedMachine() {
  vi.useFakeTimers({ toFake: ["performance"] });
  let [busy, idle] = [1000, 1000]; // Since it was started.
  vi.mocked(readSystemFile).mockImplementation((path) =>
    path === "/proc/stat" ? `cpu  ${busy} 0 0 ${idle} 0 0 0 0 0 0\ncpu0 1 0 0 1\ncpu1 1 0 0 1\n` : undefined,
  );
  return {
    pass(seconds: number, share: number): void {
      vi.advanceTimersByTime(1000 * seconds);
      busy += 200 * seconds * share;
      idle += 200 * seconds * (1 - share);
    },
  };
}

afterEach(() => {
  vi.useRealTimers();
  vi.mocked(readSystemFile).mockReset();
});

/** Runs a check every 15 seconds on a machine of which `share` is in use, and tells how each run ended and what it measured. */
async function runs(check: Cpu, machine: ReturnType<typeof simulatedMachine>, count: number, share: number) {
  const found = [];
  for (let run = 0; run < count; run += 1) {
    machine.pass(15, share);
    const { state, measures, failure } = await runCheck(check, { keepOpen: true });
    found.push({ state, usage: Math.round(measures?.[0]?.value ?? Number.NaN), message: failure?.message });
  }
  return found;
}

describe("Cpu with an interval", () => {
  it("has nothing to say against a busy machine before it has seen a whole minute", async () => {
    const machine = simulatedMachine();
    const check = new Cpu({ interval: "15s" });
    machine.pass(0.5, 1);
    expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "healthy", measures: [{ value: 100 }] });
    const found = await runs(check, machine, 4, 1);
    expect(found.map(({ state }) => state)).toEqual(["healthy", "healthy", "healthy", "degraded"]);
    expect(found.map(({ usage }) => usage)).toEqual([100, 100, 100, 100]);
    expect(found[3]?.message).toMatch(/^100\.0 % of the CPU time was in use in the last 6[01] s$/);
  });

  it("warns of the average, not of a moment", async () => {
    const machine = simulatedMachine();
    const check = new Cpu({ interval: "15s" });
    await runs(check, machine, 8, 0.4);
    const busy = await runs(check, machine, 4, 1);
    expect(busy.map(({ state, usage }) => [state, usage])).toEqual([
      ["healthy", 55],
      ["healthy", 70],
      ["degraded", 85],
      ["degraded", 100],
    ]);
    const calm = await runs(check, machine, 2, 0);
    expect(calm.map(({ state, usage }) => [state, usage])).toEqual([
      ["healthy", 75],
      ["healthy", 50],
    ]);
  });

  it("takes a window of its own", async () => {
    const machine = simulatedMachine();
    const found = await runs(new Cpu({ interval: "15s", window: "2m" }), machine, 9, 1);
    expect(found.findIndex(({ state }) => state === "degraded")).toBe(7);
    expect(found[7]?.message).toBe("100.0 % of the CPU time was in use in the last 120 s");
  });

  it("looks from run to run with a window of 0s", async () => {
    const machine = simulatedMachine();
    const check = new Cpu({ interval: "15s", window: "0s" });
    expect(await runs(check, machine, 1, 1)).toMatchObject([
      { state: "degraded", message: "100.0 % of the CPU time is in use" },
    ]);
    expect(await runs(check, machine, 1, 0.25)).toMatchObject([{ state: "healthy", usage: 25 }]);
  });

  it("leaves out what was in use in the start period", async () => {
    const machine = simulatedMachine();
    const check = new Cpu({ interval: "15s", startPeriod: "1m" });
    const found = await runs(check, machine, 9, 1);
    expect(found.findIndex(({ state }) => state !== "healthy")).toBe(7);
    expect(found.map(({ usage }) => usage)).toEqual(Array(9).fill(100));
  });

  it("refuses a window that is no length of time, or longer than a day", () => {
    expect(() => new Cpu({ window: "25h" })).toThrow("window: must be at most 1d");
    expect(() => new Cpu({ window: "60" })).toThrow(/window: .*length of time with its unit/);
  });
});

describe("Cpu without an interval", () => {
  it("looks at the time since somebody asked last", async () => {
    const machine = simulatedMachine();
    const check = new Cpu();
    expect(await runs(check, machine, 1, 1)).toMatchObject([
      { state: "degraded", message: "100.0 % of the CPU time is in use" },
    ]);
    expect(await runs(check, machine, 1, 0)).toMatchObject([{ state: "healthy", usage: 0 }]);
  });

  it("looks back with a window, as often as it is asked", async () => {
    const machine = simulatedMachine();
    const check = new Cpu({ window: "30s" });
    const found = [...(await runs(check, machine, 2, 1)), ...(await runs(check, machine, 1, 0))];
    expect(found).toMatchObject([{ state: "healthy" }, { state: "degraded" }, { state: "healthy", usage: 50 }]);
  });
});

describe("Cpu", () => {
  describeCheck(Cpu, { options: {} });

  it("warns at its limit", async () => {
    const { state, failure } = await runCheck(new Cpu({ maxUsage: 0 }));
    expect({ state, reason: failure?.reason }).toEqual({ state: "degraded", reason: "threshold" });
    expect(failure?.message).toMatch(
      /^\d+\.\d % of the CPU time( that the container may use \([\d.]+ CPUs\))? is in use$/,
    );
  });

  it("measures the share in use that it warns of", async () => {
    const { measures, failure } = await runCheck(new Cpu({ maxUsage: 0 }));
    expect(measures).toEqual([{ name: "usage", unit: "%", value: expect.any(Number) }]);
    expect(failure?.message).toContain(`${measures?.[0]?.value.toFixed(1)} % of the CPU time`);
  });

  it("measures a quarter of a second when it runs as soon as it is made, and waits no more after that", async () => {
    const check = new Cpu({ maxUsage: 0 });
    const first = await runCheck(check);
    expect(first.durationSeconds).toBeGreaterThan(0.2);
    // Between two of these the counters hardly move: each figure is of the time since the check was made.
    for (let run = 0; run < 20; run += 1) {
      const next = await runCheck(check);
      expect(next.durationSeconds).toBeLessThan(0.2);
      expect(next.failure?.message).toMatch(/% of the CPU time/);
    }
  });
});
