import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationScale } from "../../../src/page/check/duration-scale.ts";
import "../../support/property-seed.ts";

const textsOf = (seconds: number): readonly string[] => durationScale(seconds).marks.map(({ text }) => text);

describe("the axis of durations", () => {
  it.each([
    [0.000_004, ["0", "1 µs", "2 µs", "3 µs", "4 µs"]],
    [0.0953, ["0", "25 ms", "50 ms", "75 ms", "100 ms"]],
    [0.81, ["0", "250 ms", "500 ms", "750 ms", "1000 ms"]],
    [1.4, ["0", "0.5 s", "1 s", "1.5 s"]],
    [30, ["0", "10 s", "20 s", "30 s"]],
    [600, ["0", "2.5 min", "5 min", "7.5 min", "10 min"]],
    [20_000, ["0", "2 h", "4 h", "6 h"]],
  ])("up to %d s has marks at round numbers in the unit that fits", (longest, texts) => {
    expect(textsOf(longest)).toEqual(texts);
  });

  it("is there when everything took no time", () => {
    expect(durationScale(0).endSeconds).toBeGreaterThan(0);
  });

  it("always holds the longest, in two to five marks", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (longest) => {
        const { endSeconds, marks } = durationScale(longest);
        expect(endSeconds).toBeGreaterThanOrEqual(longest * (1 - 1e-9));
        expect(endSeconds).toBeLessThan(longest * 3);
        expect(marks.length).toBeGreaterThanOrEqual(2);
        expect(marks.length).toBeLessThanOrEqual(6);
      }),
    );
  });
});
