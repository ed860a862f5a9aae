import { totalmem } from "node:os";
import { describe, expect, it, vi } from "vitest";
import { Memory } from "../../src/checks/memory.ts";
import { hostMemory } from "../../src/host/memory-use.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";

vi.mock(import("../../src/host/memory-use.ts"), async (original) => {
  const actual = await original();
  return { ...actual, hostMemory: vi.fn(actual.hostMemory) };
});

describe("Memory", () => {
  describeCheck(Memory, { options: {} });

  it.each(["container", "host"] as const)("is healthy below its limits (%s)", async (scope) => {
    expect((await runCheck(new Memory({ scope, maxUsage: "100%", minAvailable: "1B" }))).state).toBe("healthy");
  });

  it.each([
    [{}, "90.0 % of the 10 KiB of memory is in use"],
    [{ maxUsage: "91%" }, undefined],
    [{ maxUsage: "91%", minAvailable: 1024 }, undefined],
    [{ maxUsage: "91%", minAvailable: 1025 }, "only 1 KiB of the 10 KiB of memory is available"],
  ])("finds with limits of %j, where nine tenths are in use and 1 KiB is left: %s", async (limits, message) => {
    vi.mocked(hostMemory).mockReturnValueOnce({ usedBytes: 9 * 1024, totalBytes: 10 * 1024, limitedBy: "host" });
    expect((await runCheck(new Memory({ scope: "host", ...limits }))).failure?.message).toBe(message);
  });

  it("warns of how much is in use", async () => {
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
