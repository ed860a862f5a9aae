import { describe, expect, it } from "vitest";
import { Cpu } from "../../src/checks/cpu.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";

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
