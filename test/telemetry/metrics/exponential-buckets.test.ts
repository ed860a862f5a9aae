import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coarser, ExponentialBuckets, zeroThreshold } from "../../../src/telemetry/metrics/exponential-buckets.ts";

describe("ExponentialBuckets", () => {
  it("puts a duration into the bucket that ends with it, and what is a little longer into the next", () => {
    expect(indexesOf([1])).toEqual([0]);
    expect(indexesOf([0.125])).toEqual([-24]);
    expect(indexesOf([0.125 * (1 + 1e-12)])).toEqual([-23]);
    expect(indexesOf([4])).toEqual([16]);
    expect(indexesOf([2 ** -19])).toEqual([-152]);
  });

  it("counts what is shorter than a microsecond as zero", () => {
    const buckets = recorded([0, zeroThreshold, -1, Number.NaN, 1]);
    expect(buckets.zeroCount).toBe(4);
    expect(countOf(buckets)).toBe(1);
  });

  it("is off by less than 5 % in any quantile of durations of which the longest is a million times the shortest", () => {
    const durations = fc.array(fc.double({ min: 2e-5, max: 20, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const sorted = all.toSorted((a, b) => a - b);
        const rank = Math.min(sorted.length - 1, Math.floor(share * sorted.length));
        const exact = sorted[rank] ?? Number.NaN;
        const buckets = recorded(all);
        expect(buckets.schema).toBe(3);
        // The middle of the bucket that holds the value of this rank, by the ratio of its bounds.
        let before = 0;
        const slot = Array.from(buckets.counts).findIndex((count) => {
          before += count;
          return before > rank;
        });
        const estimate = 2 ** ((buckets.firstIndex + slot - 0.5) / 8);
        expect(Math.abs(estimate / exact - 1)).toBeLessThan(0.05);
      }),
    );
  });

  it("holds any durations in 160 buckets, and loses none", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e300, noNaN: true }), { maxLength: 100 }), (all) => {
        const buckets = recorded(all);
        expect(buckets.counts.length).toBeLessThanOrEqual(160);
        expect(countOf(buckets) + buckets.zeroCount).toBe(all.length);
        const base = 2 ** (2 ** -buckets.schema);
        for (const seconds of all.filter((each) => each > zeroThreshold)) {
          const index = Math.ceil(Math.log2(seconds) * 2 ** buckets.schema);
          expect(buckets.counts[index - buckets.firstIndex], `${seconds} of ${base}`).toBeGreaterThan(0);
        }
      }),
    );
    expect(recorded([Number.POSITIVE_INFINITY, Number.MAX_VALUE, 1e-5]).counts.length).toBeLessThanOrEqual(160);
  });

  it("becomes coarser only when it must", () => {
    const buckets = recorded([0.001, 0.001 * 2 ** 19]);
    expect(buckets.schema).toBe(3);
    buckets.record(0.001 * 2 ** 21);
    expect(buckets.schema).toBe(2);
    expect(indexesWith(buckets)).toEqual([-39, 37, 45]);
  });

  it("holds few counts for durations that differ little", () => {
    const buckets = recorded(Array.from({ length: 1000 }, (_, index) => 0.1 + index * 1e-5));
    expect(buckets.counts.length).toBe(16);
    expect(countOf(buckets)).toBe(1000);
  });
});

it("two buckets become one that begins where the first did and ends where the second did", () => {
  expect(coarser({ schema: 3, firstIndex: -3, counts: [1, 2, 4, 8, 16, 32] })).toEqual({
    schema: 2,
    firstIndex: -1,
    counts: [3, 12, 48],
  });
  expect(coarser({ schema: 3, firstIndex: 2, counts: [1, 2] })).toMatchObject({
    firstIndex: 1,
    counts: { 0: 1, 1: 2 },
  });
  expect(coarser({ schema: 3, firstIndex: 0, counts: [] })).toMatchObject({ counts: { length: 0 } });
});

function recorded(all: readonly number[]): ExponentialBuckets {
  const buckets = new ExponentialBuckets();
  for (const seconds of all) buckets.record(seconds);
  return buckets;
}

function countOf({ counts }: ExponentialBuckets): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function indexesOf(all: readonly number[]): readonly number[] {
  return indexesWith(recorded(all));
}

function indexesWith({ firstIndex, counts }: ExponentialBuckets): readonly number[] {
  return Array.from(counts, (count, slot) => (count > 0 ? firstIndex + slot : undefined)).filter(
    (index) => index !== undefined,
  );
}
