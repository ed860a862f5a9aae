import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Duration } from "../../../src/health/time/duration.ts";

describe("Duration", () => {
  it.each([
    ["15s", 15_000],
    ["1m30s", 90_000],
    ["500ms", 500],
    ["0s", 0],
    ["1h", 3_600_000],
    ["2d", 172_800_000],
    ["0.5s", 500],
    ["1h500ms", 3_600_500],
  ])("reads %s", (text, milliseconds) => {
    expect(Duration.parse(text)?.milliseconds).toBe(milliseconds);
  });

  it.each(["", "15", "s", "15 s", "-5s", "1s1m", "5s5s", "1e3s", "∞", "five seconds", `${"9".repeat(60)}s`])(
    "does not read %j",
    (text) => {
      expect(Duration.parse(text)).toBeUndefined();
    },
  );

  it.each([
    [0, "0s"],
    [90_000, "1m30s"],
    [500, "500ms"],
    [86_461_001, "1d1m1s1ms"],
    [0.5, "0.5ms"],
  ])("prints %d ms as %s", (milliseconds, text) => {
    expect(String(new Duration(milliseconds))).toBe(text);
    expect(JSON.stringify(new Duration(milliseconds))).toBe(`"${text}"`);
  });

  it("reads what it prints", () => {
    fc.assert(
      fc.property(fc.nat({ max: 10 ** 12 }), (milliseconds) => {
        expect(Duration.parse(String(new Duration(milliseconds)))?.milliseconds).toBe(milliseconds);
      }),
    );
  });
});
