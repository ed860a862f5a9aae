import { totalmem } from "node:os";
import { describe, expect, it } from "vitest";
import { Memory } from "../../src/checks/memory.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";

describe("Memory", () => {
  describeCheck(Memory, { options: {} });

  it.each(["container", "host"] as const)("is healthy below its limits (%s)", async (scope) => {
    expect((await runCheck(new Memory({ scope, maxUsage: "100%", minAvailable: "1B" }))).state).toBe("healthy");
  });

  it("warns at its limit", async () => {
    const { state, failure } = await runCheck(new Memory({ maxUsage: 0 }));
    expect({ state, reason: failure?.reason }).toEqual({ state: "degraded", reason: "threshold" });
    expect(failure?.message).toMatch(
      /^\d+\.\d % of the [\d.]+ [KMGT]iB (of memory|that the container may use) is in use$/,
    );
  });

  it("measures how much is in use and available, which together are all", async () => {
    const { measures = [], failure } = await runCheck(new Memory({ scope: "host", maxUsage: 0 }));
    const [usage, available] = measures;
    expect(usage).toMatchObject({ name: "usage", unit: "%" });
    expect(available).toMatchObject({ name: "available", unit: "By" });
    expect(failure?.message).toContain(`${usage?.value.toFixed(1)} %`);
    expect((available?.value ?? 0) / (1 - (usage?.value ?? 0) / 100)).toBeCloseTo(totalmem(), -9);
  });

  it("warns when less is available than asked for", async () => {
    const { state, failure } = await runCheck(new Memory({ maxUsage: "100%", minAvailable: "9999TiB" }));
    expect({ state, reason: failure?.reason }).toEqual({ state: "degraded", reason: "threshold" });
    expect(failure?.message).toMatch(/^only [\d.]+ [KMGT]iB of the [\d.]+ [KMGT]iB .* is available$/);
  });
});
