import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader, ByteWriter } from "../../../src/store/buckets/bytes.ts";
import {
  addMeasured,
  countValue,
  type MeasuredByNumber,
  readMeasured,
  writeMeasured,
} from "../../../src/store/buckets/measured.ts";

const runs = 20;

function rewritten(all: MeasuredByNumber): MeasuredByNumber {
  const writer = new ByteWriter();
  writeMeasured(writer, all, runs);
  const reader = new ByteReader(writer.done());
  const read = readMeasured(reader, runs);
  expect(reader.isAtEnd).toBe(true);
  return read;
}

const anyNumber = fc.double({ noNaN: true, noDefaultInfinity: true });

describe("what was measured in a bucket", () => {
  it("is the lowest, the mean and the highest value of each measure", () => {
    const all: MeasuredByNumber = new Map();
    for (const value of [3, 1, 8]) countValue(all, 1, value);
    countValue(all, 2, -5);
    expect(all.get(1)).toEqual({ count: 3, minimum: 1, mean: 4, maximum: 8 });
    expect(all.get(2)).toEqual({ count: 1, minimum: -5, mean: -5, maximum: -5 });
  });

  it("is weighed by its runs when it is added up, and what is added stays as it was", () => {
    const all: MeasuredByNumber = new Map([[1, { count: 3, minimum: 1, mean: 4, maximum: 8 }]]);
    const other: MeasuredByNumber = new Map([
      [1, { count: 1, minimum: 0, mean: 0, maximum: 0 }],
      [2, { count: 1, minimum: 7, mean: 7, maximum: 7 }],
    ]);
    addMeasured(all, other);
    countValue(all, 2, 9);
    expect(all.get(1)).toEqual({ count: 4, minimum: 0, mean: 3, maximum: 8 });
    expect(all.get(2)).toEqual({ count: 2, minimum: 7, mean: 8, maximum: 9 });
    expect(other.get(2)).toEqual({ count: 1, minimum: 7, mean: 7, maximum: 7 });
  });

  it("stays between the lowest and the highest, whatever the numbers", () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { minLength: 1, maxLength: 20 }), (values) => {
        const all: MeasuredByNumber = new Map();
        for (const value of values) countValue(all, 1, value);
        const { minimum, mean, maximum } = all.get(1) ?? { minimum: Number.NaN, mean: Number.NaN, maximum: Number.NaN };
        expect([minimum, maximum]).toEqual([Math.min(...values), Math.max(...values)]);
        expect(mean).toBeGreaterThanOrEqual(minimum);
        expect(mean).toBeLessThanOrEqual(maximum);
      }),
    );
  });

  it("is read as it was written, to four digits of the largest", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.nat(300), anyNumber, anyNumber, fc.integer({ min: 1, max: runs })), {
          selector: ([measure]) => measure,
        }),
        (entries) => {
          const all: MeasuredByNumber = new Map();
          for (const [measure, one, other, count] of entries) {
            const [minimum, maximum] = [Math.min(one, other), Math.max(one, other)];
            all.set(measure, { count, minimum, mean: minimum / 2 + maximum / 2, maximum });
          }
          const read = rewritten(all);
          expect([...read.keys()]).toEqual([...all.keys()]);
          for (const [measure, { count, minimum, mean, maximum }] of all) {
            const found = read.get(measure);
            const step = Math.max(Math.abs(minimum) / 1000, Math.abs(maximum) / 1000, Number.MIN_VALUE);
            expect(found?.count).toBe(count);
            expect(Math.abs((found?.minimum ?? Number.NaN) - minimum)).toBeLessThanOrEqual(step);
            expect(Math.abs((found?.mean ?? Number.NaN) - mean)).toBeLessThanOrEqual(step);
            expect(Math.abs((found?.maximum ?? Number.NaN) - maximum)).toBeLessThanOrEqual(step);
          }
        },
      ),
    );
  });

  it("never leaves the range of numbers, however often it is written again", () => {
    const largest = { count: 1, minimum: -Number.MAX_VALUE, mean: 0, maximum: Number.MAX_VALUE };
    const read = rewritten(rewritten(new Map([[1, largest]])));
    expect(read.get(1)).toEqual(largest);
  });

  it("takes six bytes for a value that stands still", () => {
    const writer = new ByteWriter();
    const one = { count: runs, minimum: 1240, mean: 1240, maximum: 1240 };
    writeMeasured(writer, new Map([[1, one]]), runs);
    expect(writer.done()).toHaveLength(6);
  });

  it.each([0, 1, -1, 1240, 93.12, 5e-324, -1_000_000])("keeps %d exactly", (value) => {
    const one = { count: runs, minimum: value, mean: value, maximum: value };
    expect(rewritten(new Map([[1, one]])).get(1)).toEqual(one);
  });
});
