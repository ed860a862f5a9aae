import { beforeEach, describe, expect, it, vi } from "vitest";
import { Pressure } from "../../src/checks/pressure.ts";
import { pressure } from "../../src/host/pressure.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";

vi.mock("../../src/host/pressure.ts");

describe("Pressure", () => {
  beforeEach(() => {
    vi.mocked(pressure).mockReturnValue({ last10Seconds: 90, last60Seconds: 20, last300Seconds: 3 });
  });

  describeCheck(Pressure, { options: { resource: "io" } });

  it("warns at its limit, by the last minute", async () => {
    const { state, failure } = await runCheck(new Pressure({ resource: "io" }));
    expect(state).toBe("degraded");
    expect(failure).toMatchObject({
      message: "tasks waited for io 20.0 % of the last minute, expected less than 20 %",
      reason: "threshold",
    });
    expect(pressure).toHaveBeenLastCalledWith("io", "container");
  });

  it("is healthy just below its limit", async () => {
    expect((await runCheck(new Pressure({ maxStall: 20.1 }))).state).toBe("healthy");
  });

  it("is unknown on a kernel that does not tell", async () => {
    vi.mocked(pressure).mockReturnValue(undefined);
    const { state, failure } = await runCheck(new Pressure());
    expect(state).toBe("unknown");
    expect(failure?.message).toMatch(/psi=1/);
  });

  it("measures the share of the last minute", async () => {
    expect((await runCheck(new Pressure())).measures).toEqual([{ name: "stall", unit: "%", value: 20 }]);
  });
});
