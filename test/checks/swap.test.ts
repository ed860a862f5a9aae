import { beforeEach, describe, expect, it, vi } from "vitest";
import { Swap } from "../../src/checks/swap.ts";
import { hostSwap } from "../../src/host/memory-use.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";

vi.mock("../../src/host/memory-use.ts");

const GiB = 1024 ** 3;

describe("Swap", () => {
  beforeEach(() => void vi.mocked(hostSwap).mockReturnValue({ usedBytes: 1.6 * GiB, totalBytes: 2 * GiB }));

  describeCheck(Swap, { options: {} });

  it("warns at its limit", async () => {
    const { state, failure } = await runCheck(new Swap());
    expect(state).toBe("degraded");
    expect(failure).toMatchObject({ message: "80.0 % of the 2 GiB of swap space is in use", reason: "threshold" });
  });

  it("is healthy just below its limit", async () => {
    expect((await runCheck(new Swap({ maxUsage: 80.1 }))).state).toBe("healthy");
  });

  it("is healthy on a machine without swap space", async () => {
    vi.mocked(hostSwap).mockReturnValue({ usedBytes: 0, totalBytes: 0 });
    expect((await runCheck(new Swap({ maxUsage: 0 }))).state).toBe("healthy");
  });

  it("is unknown where the system does not tell", async () => {
    vi.mocked(hostSwap).mockReturnValue(undefined);
    expect((await runCheck(new Swap())).state).toBe("unknown");
  });

  it("measures the share in use, also when it warns", async () => {
    expect((await runCheck(new Swap())).measures).toEqual([{ name: "usage", unit: "%", value: 80 }]);
    vi.mocked(hostSwap).mockReturnValue({ usedBytes: 0, totalBytes: 0 });
    expect((await runCheck(new Swap())).measures).toEqual([{ name: "usage", unit: "%", value: 0 }]);
  });
});
