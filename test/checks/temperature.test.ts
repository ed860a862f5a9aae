import { beforeEach, describe, expect, it, vi } from "vitest";
import { Temperature } from "../../src/checks/temperature.ts";
import { temperatures } from "../../src/host/sensors.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";

vi.mock("../../src/host/sensors.ts");

const chips = [
  { sensor: "coretemp/Core 0", celsius: 61, limit: 100 },
  { sensor: "coretemp/Core 1", celsius: 99.9, limit: 100 },
  { sensor: "nvme/Composite", celsius: 84.8, limit: undefined },
];

describe("Temperature", () => {
  beforeEach(() => void vi.mocked(temperatures).mockReturnValue(chips));

  describeCheck(Temperature, { options: { sensor: "coretemp" } });

  it("is healthy below the limit of every sensor that tells one", async () => {
    expect((await runCheck(new Temperature())).state).toBe("healthy");
  });

  it("warns at the sensor's limit", async () => {
    vi.mocked(temperatures).mockReturnValue([{ sensor: "coretemp/Core 1", celsius: 100, limit: 100 }]);
    const { state, failure } = await runCheck(new Temperature());
    expect(state).toBe("degraded");
    expect(failure).toMatchObject({
      message: "coretemp/Core 1 is at 100.0 °C, expected less than 100 °C",
      reason: "threshold",
    });
  });

  it("takes a limit of one's own for every chosen sensor, also for one that tells none", async () => {
    const { failure } = await runCheck(new Temperature({ sensor: "nvme", maxTemperature: 80 }));
    expect(failure?.message).toBe("nvme/Composite is at 84.8 °C, expected less than 80 °C");
    expect((await runCheck(new Temperature({ sensor: "coretemp/Core 0", maxTemperature: 80 }))).state).toBe("healthy");
  });

  it("is unknown when no chosen sensor tells a limit", async () => {
    const { state, failure } = await runCheck(new Temperature({ sensor: "nvme" }));
    expect({ state, message: failure?.message }).toEqual({
      state: "unknown",
      message: "no sensor tells its limit: set maxTemperature",
    });
  });

  it("is unhealthy without the sensor that it looks for, or without any", async () => {
    const { state, failure } = await runCheck(new Temperature({ sensor: "core" }));
    expect({ state, message: failure?.message }).toEqual({ state: "unhealthy", message: "there is no sensor core" });
    vi.mocked(temperatures).mockReturnValue([]);
    expect((await runCheck(new Temperature())).failure?.message).toBe("this machine has no temperature sensor");
  });

  it("measures the hottest of the chosen sensors", async () => {
    expect((await runCheck(new Temperature({ sensor: "nvme" }))).measures).toEqual([
      { name: "temperature", unit: "Cel", value: 84.8 },
    ]);
  });
});
