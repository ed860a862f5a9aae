import { describe, expect, it } from "vitest";
import { Duration } from "../../src/health/time/duration.ts";
import { portField, warnOfSlowness } from "../../src/net/network-fields.ts";

describe("warnOfSlowness", () => {
  const maxResponseTime = Duration.parse("20ms");

  it("warns of what took longer, and of nothing without a limit", () => {
    expect(() => warnOfSlowness(20, { maxResponseTime })).not.toThrow();
    expect(() => warnOfSlowness(1e6, {})).not.toThrow();
    const warning = expect.objectContaining({
      state: "degraded",
      reason: "threshold",
      message: "took 21 ms, expected at most 20ms",
    });
    expect(() => warnOfSlowness(20.6, { maxResponseTime })).toThrow(warning);
  });
});

describe("portField", () => {
  it.each([0, 65_536, 1.5, "80"])("refuses %j", (port) => {
    expect(portField.safeParse(port).success).toBe(false);
  });

  it.each([1, 65_535])("takes %d", (port) => {
    expect(portField.parse(port)).toBe(port);
  });
});
