import { availableParallelism, loadavg } from "node:os";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Load } from "../../src/checks/load.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";

vi.mock("node:os", async (original) => ({
  ...(await original<typeof import("node:os")>()),
  loadavg: vi.fn(() => [9, 5, 1]),
  availableParallelism: vi.fn(() => 4),
}));

describe("Load", () => {
  beforeEach(() => {
    vi.mocked(loadavg).mockReturnValue([9, 5, 1]);
    vi.mocked(availableParallelism).mockReturnValue(4);
  });

  describeCheck(Load, { options: {} });

  it.each([
    ["1m", 2.25, "degraded"],
    ["1m", 2.26, "healthy"],
    ["5m", 1.25, "degraded"],
    ["5m", 1.26, "healthy"],
    ["15m", 0.25, "degraded"],
    ["15m", 0.26, "healthy"],
  ] as const)(
    "takes the average over %s, at a limit of %d for each processor: %s",
    async (window, maxPerCpu, state) => {
      expect((await runCheck(new Load({ window, maxPerCpu }))).state).toBe(state);
    },
  );

  it("says what the load is, and on how many processors", async () => {
    const { failure } = await runCheck(new Load({ maxPerCpu: 1 }));
    expect(failure).toMatchObject({
      message: "the load over 5m is 5.00 on 4 processors, expected less than 1 each",
      reason: "threshold",
    });
  });

  it("measures the load, and that of each processor", async () => {
    expect((await runCheck(new Load())).measures).toEqual([
      { name: "load", unit: "{tasks}", value: 5 },
      { name: "loadPerCpu", unit: "{tasks}", value: 1.25 },
    ]);
  });
});
