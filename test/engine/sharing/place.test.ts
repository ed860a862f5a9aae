import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextTurn, placeOf } from "../../../src/engine/sharing/place.ts";

const interval = 5000;
const places = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const moments = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });

/** How far from its place a moment is, in intervals, at most a half. */
function distance(at: number, place: number): number {
  const share = (((at / interval - place) % 1) + 1) % 1;
  return Math.min(share, 1 - share);
}

describe("the place of a check in its interval", () => {
  it("is always the same for a name, on each replica and in each version", () => {
    expect(["orders", "payments", "zahlungen-ü"].map(placeOf).map((place) => place.toFixed(6))).toEqual([
      "0.519067",
      "0.925442",
      "0.654687",
    ]);
  });

  it("is as likely early as late", () => {
    const quarters = [0, 0, 0, 0];
    for (let index = 0; index < 10_000; index += 1) {
      const quarter = Math.floor(4 * placeOf(`check-${index}`));
      quarters[quarter] = (quarters[quarter] ?? 0) + 1;
    }
    for (const count of quarters) expect(Math.abs(count - 2500)).toBeLessThan(150);
  });
});

describe("the next turn of a check", () => {
  it("is one interval later for a check at its place", () => {
    const now = 1_800_000_000_000 + 0.25 * interval;
    expect(nextTurn(now, interval, 0.25)).toBeCloseTo(now + interval, 3);
  });

  it("is never sooner than half an interval, nor so late that the result is too old", () => {
    fc.assert(
      fc.property(moments, places, (now, place) => {
        const after = (nextTurn(now, interval, place) - now) / interval;
        expect(after).toBeGreaterThanOrEqual(0.5);
        expect(after).toBeLessThanOrEqual(1.3);
      }),
    );
  });

  it("brings a check to its place in two steps, wherever it was", () => {
    fc.assert(
      fc.property(moments, places, (now, place) => {
        const second = nextTurn(nextTurn(now, interval, place), interval, place);
        expect(distance(second, place)).toBeLessThan(1e-3);
      }),
    );
  });
});
