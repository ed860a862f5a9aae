import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bucket, emptyBucket, historyStates } from "../../../src/store/buckets/bucket.ts";
import { checksPerShard, readColumn, writeColumn } from "../../../src/store/buckets/column.ts";
import { durationCells } from "../../../src/store/buckets/durations.ts";

const length = 300_000;

/** A bucket with as many runs as its histogram has, at most 32, so that they are counted one by one. */
const bucket = fc
  .record({
    milliseconds: fc.array(fc.nat(length), { minLength: historyStates.length, maxLength: historyStates.length }),
    cells: fc.array(fc.nat(durationCells - 1), { maxLength: 32 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    measured: fc.array(fc.tuple(fc.nat(200), fc.integer({ min: -9999, max: 9999 })), { maxLength: 3 }),
  })
  .map(({ milliseconds, cells, share, measured }): Bucket => {
    const durations = emptyBucket().durations;
    for (const cell of cells) durations[cell] = (durations[cell] ?? 0) + 1;
    const bucket = { milliseconds, runs: cells.length, failures: Math.floor(share * cells.length), durations };
    if (measured.length === 0 || cells.length === 0) return bucket;
    const one = (value: number) => ({ count: cells.length, minimum: value, mean: value, maximum: value });
    return { ...bucket, measured: new Map(measured.map(([measure, value]) => [measure, one(value)])) };
  });

const columns = fc
  .array(fc.tuple(fc.nat(checksPerShard - 1), bucket), { maxLength: checksPerShard })
  .map((entries) => new Map(entries.toSorted(([one], [other]) => one - other)));

describe("a column", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(columns, (column) => {
        expect(readColumn(writeColumn(column, length), length, "all")).toEqual(column);
      }),
    );
  });

  it("gives everything but what was measured to who does not want that", () => {
    fc.assert(
      fc.property(columns, (column) => {
        const read = readColumn(writeColumn(column, length), length, "durations");
        expect(read).toEqual(new Map([...column].map(([place, { measured: _, ...one }]) => [place, one])));
      }),
    );
  });

  it("gives only the time and the counts of runs to who adds up time", () => {
    fc.assert(
      fc.property(columns, (column) => {
        const read = readColumn(writeColumn(column, length), length, "time");
        const { durations } = emptyBucket();
        expect(read).toEqual(
          new Map([...column].map(([place, one]) => [place, { ...one, durations, measured: undefined }])),
        );
      }),
    );
  });

  it("is refused when it is cut short, and never read for ever", () => {
    fc.assert(
      fc.property(columns, fc.double({ min: 0, max: 1, noNaN: true }), (column, share) => {
        const whole = writeColumn(column, length);
        const part = whole.subarray(0, Math.floor(share * (whole.length - 1)));
        expect(() => readColumn(part, length, "all")).toThrow(RangeError);
      }),
    );
  });

  it("takes few bytes for a check that was healthy all the time", () => {
    const healthy = { ...emptyBucket(), runs: 20 };
    healthy.milliseconds[0] = length;
    healthy.durations[10] = 20;
    const column = new Map(Array.from({ length: checksPerShard }, (_, place) => [place, healthy] as const));
    expect(writeColumn(column, length).length).toBeLessThanOrEqual(8 + 3 * checksPerShard);
  });

  it("keeps the shares of a histogram of very many runs, and the number of runs", () => {
    const many = { ...emptyBucket(), runs: 5760 };
    many.durations[8] = 2880;
    many.durations[9] = 2780;
    many.durations[20] = 100; // Fewer than one part: below what a p95 can see.
    const read = readColumn(writeColumn(new Map([[0, many]]), length), length, "all").get(0);
    expect(read?.runs).toBe(5760);
    expect(read?.durations.reduce((sum, count) => sum + count, 0)).toBeCloseTo(5760, 6);
    expect(read?.durations[8]).toBeGreaterThan(2700);
    expect(read?.durations[8]).toBeLessThan(3060);
  });
});
