import { beforeEach, describe, expect, it, vi } from "vitest";
import { Battery } from "../../src/checks/battery.ts";
import { powerSupplies } from "../../src/host/sensors.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";

vi.mock("../../src/host/sensors.ts");

const batteries = [
  { device: "BAT0", charge: 80 },
  { device: "BAT1", charge: 20 },
];

describe("Battery", () => {
  beforeEach(() => void vi.mocked(powerSupplies).mockReturnValue({ batteries, isPluggedIn: false }));

  describeCheck(Battery, { options: { device: "BAT0" } });

  it("warns when any of them is charged to its limit", async () => {
    const { state, failure } = await runCheck(new Battery());
    expect(state).toBe("degraded");
    expect(failure).toMatchObject({ message: "BAT1 is charged to 20 %", reason: "threshold" });
    expect((await runCheck(new Battery({ minCharge: "19%" }))).state).toBe("healthy");
  });

  it("looks at one of them alone", async () => {
    expect((await runCheck(new Battery({ device: "BAT0" }))).state).toBe("healthy");
  });

  it("warns while it is not plugged in, when asked to", async () => {
    const { state, failure } = await runCheck(new Battery({ device: "BAT0", plugged: true }));
    expect({ state, message: failure?.message }).toEqual({
      state: "degraded",
      message: "the machine is not plugged in",
    });
    vi.mocked(powerSupplies).mockReturnValue({ batteries, isPluggedIn: true });
    expect((await runCheck(new Battery({ device: "BAT0", plugged: true }))).state).toBe("healthy");
  });

  it("is unhealthy without the battery that it looks for", async () => {
    const { state, failure } = await runCheck(new Battery({ device: "BAT7" }));
    expect({ state, message: failure?.message }).toEqual({
      state: "unhealthy",
      message: "this machine has no battery BAT7; it has BAT0, BAT1",
    });
    vi.mocked(powerSupplies).mockReturnValue({ batteries: [], isPluggedIn: undefined });
    expect((await runCheck(new Battery())).failure?.message).toBe("this machine has no battery");
  });

  it("measures the lowest charge of the batteries that it looks at", async () => {
    expect((await runCheck(new Battery())).measures).toEqual([{ name: "charge", unit: "%", value: 20 }]);
    const single = await runCheck(new Battery({ device: "BAT0" }));
    expect(single.measures).toEqual([{ name: "charge", unit: "%", value: 80 }]);
  });
});
