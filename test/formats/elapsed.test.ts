import { describe, expect, it } from "vitest";
import { elapsed, runDuration, wholeNumber } from "../../src/formats/elapsed.ts";

describe("elapsed", () => {
  it.each([
    [-5000, "0 s"],
    [0, "0 s"],
    [999, "0 s"],
    [1000, "1 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [65_000, "1 min 5 s"],
    [600_000, "10 min"],
    [659_000, "10 min"],
    [3_600_000, "1 h"],
    [3_660_000, "1 h 1 min"],
    [86_399_999, "23 h 59 min"],
    [86_400_000, "1 d"],
    [100 * 86_400_000 + 3_600_000, "100 d 1 h"],
  ])("tells %d ms as %s", (milliseconds, text) => {
    expect(elapsed(milliseconds)).toBe(text);
  });
});

describe("runDuration", () => {
  it.each([
    [0, "0 µs"],
    [0.000_000_4, "0 µs"],
    [0.000_812, "812 µs"],
    [0.001, "1 ms"],
    [0.012_345, "12.3 ms"],
    [0.1234, "123 ms"],
    [1, "1 s"],
    [1.2345, "1.23 s"],
    [30, "30 s"],
    [99.96, "100 s"],
    [123.456, "123 s"],
    [1234.5, "1235 s"],
  ])("tells %d s as %s", (seconds, text) => {
    expect(runDuration(seconds)).toBe(text);
  });
});

describe("wholeNumber", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [12_345, "12,345"],
    [1_234_567, "1,234,567"],
    [-1_234_567, "-1,234,567"],
  ])("writes %d as %s", (value, text) => {
    expect(wholeNumber(value)).toBe(text);
  });
});
