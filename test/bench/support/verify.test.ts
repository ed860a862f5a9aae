import { describe, expect, it } from "vitest";
import { verifyBetween, verifyEqual, WrongMeasurementError } from "../../../bench/support/verify.ts";

describe("verifyEqual", () => {
  it("accepts what is deeply equal", () => {
    verifyEqual("statuses", { 200: 5 }, { 200: 5 });
  });

  it("says what was measured and what was expected", () => {
    expect(() => verifyEqual("statuses", { 200: 4, 503: 1 }, { 200: 5 })).toThrow(
      new WrongMeasurementError("statuses: expected { '200': 5 }, measured { '200': 4, '503': 1 }"),
    );
  });
});

describe("verifyBetween", () => {
  it.each([1, 2])("accepts %d", (value) => verifyBetween("runs", value, 1, 2));

  it.each([0, 3, Number.NaN])("refuses %d", (value) => {
    expect(() => verifyBetween("runs", value, 1, 2)).toThrow(`runs: expected 1 to 2, measured ${value}`);
  });
});
