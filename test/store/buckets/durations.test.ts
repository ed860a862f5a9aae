import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellOf, durationCells, quantile } from "../../../src/store/buckets/durations.ts";

function counted(seconds: readonly number[]): readonly number[] {
  const counts = new Array<number>(durationCells).fill(0);
  for (const one of seconds) counts[cellOf(one)] = (counts[cellOf(one)] ?? 0) + 1;
  return counts;
}

describe("a histogram of durations", () => {
  it("tells a quantile that is off by less than its cell is wide", () => {
    const duration = fc.double({ min: 0.0011, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1 }), (seconds) => {
        const told = quantile(counted(seconds), 0.5) ?? 0;
        const sorted = seconds.toSorted((one, other) => one - other);
        const exact = sorted[Math.ceil(0.5 * sorted.length) - 1] ?? 0;
        expect(told / exact).toBeGreaterThan(0.7);
        expect(told / exact).toBeLessThan(1.42);
      }),
    );
  });

  it.each([0, -1, Number.NaN, 1e-9])("has a place for %d seconds", (seconds) => expect(cellOf(seconds)).toBe(0));

  it("has a place for what takes longer than all", () => expect(cellOf(1e9)).toBe(durationCells - 1));

  it("has no quantile without runs", () => expect(quantile(counted([]), 0.95)).toBeUndefined());
});
