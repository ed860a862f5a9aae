import { describe, expect, it } from "vitest";
import { boundTextsOf, canonicalNumber, numberText } from "../../../src/telemetry/open-metrics/number-text.ts";

describe("numberText", () => {
  it.each([
    [0, "0"],
    [-0, "0"],
    [1, "1"],
    [0.1, "0.1"],
    [1e-7, "1e-7"],
    [1e21, "1e+21"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "+Inf"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
  ])("writes %d as %s", (value, text) => expect(numberText(value)).toBe(text));
});

describe("canonicalNumber", () => {
  // The examples of OpenMetrics 1.0, "Considerations: Canonical Numbers".
  it.each([
    [0, "0.0"],
    [0.001, "0.001"],
    [0.1, "0.1"],
    [1, "1.0"],
    [2.5, "2.5"],
    [10, "10.0"],
    [1e-10, "1e-10"],
    [1e-5, "1e-05"],
    [0.0001, "0.0001"],
    [100_000, "100000.0"],
    [1e6, "1e+06"],
    [1_234_567, "1.234567e+06"],
    [1e10, "1e+10"],
    [1e100, "1e+100"],
    [-1, "-1.0"],
    [Number.POSITIVE_INFINITY, "+Inf"],
  ])("writes %d as %s", (value, text) => expect(canonicalNumber(value)).toBe(text));
});

describe("boundTextsOf", () => {
  it("ends with the bucket that has no bound", () => {
    expect(boundTextsOf([0.5, 1])).toEqual(["0.5", "1.0", "+Inf"]);
    expect(boundTextsOf([])).toEqual(["+Inf"]);
  });
});
