import type { ByteReader, ByteWriter } from "./bytes.ts";

/** What a check measured under one name in a stretch of time. */
export interface Measured {
  /** How many of its runs measured it. */
  count: number;
  minimum: number;
  mean: number;
  maximum: number;
}

/** What a check measured, by the number of the measure. */
export type MeasuredByNumber = Map<number, Measured>;

/** Counts one value. */
export function countValue(all: MeasuredByNumber, measure: number, value: number): void {
  addMeasured(all, [[measure, { count: 1, minimum: value, mean: value, maximum: value }]]);
}

/** Adds what was measured in another stretch of time, which is not changed. */
export function addMeasured(
  all: MeasuredByNumber,
  others: Iterable<readonly [measure: number, measured: Readonly<Measured>]>,
): void {
  for (const [measure, other] of others) {
    const before = all.get(measure);
    if (before === undefined) {
      all.set(measure, { ...other });
      continue;
    }
    const count = before.count + other.count;
    before.minimum = Math.min(before.minimum, other.minimum);
    before.maximum = Math.max(before.maximum, other.maximum);
    // In shares, because a sum of numbers may be larger than the largest.
    const mean = before.mean * (before.count / count) + other.mean * (other.count / count);
    before.mean = Math.max(before.minimum, Math.min(before.maximum, mean));
    before.count = count;
  }
}

/** How many digits of the largest number are kept: a chart shows no more. */
const keptDigits = 4;

/**
 * Writes what was measured in a bucket. Of each measure four digits are kept of the larger of its extremes, and the same decimals
 * of its other numbers.
 * @param runs those of the bucket
 */
export function writeMeasured(writer: ByteWriter, all: ReadonlyMap<number, Measured>, runs: number): void {
  writer.number(all.size);
  for (const [measure, { count, minimum, mean, maximum }] of all) {
    const exponent = exponentOf(Math.max(Math.abs(minimum), Math.abs(maximum)));
    const [low, middle, high] = [minimum, mean, maximum].map((value) => digitsOf(value, exponent)) as Three;
    const isConstant = low === high;
    writer.number(2 * measure + (isConstant ? 1 : 0));
    writer.number(Math.max(0, runs - count));
    writer.number(zigzag(exponent));
    writer.number(zigzag(middle));
    if (isConstant) continue;
    writer.number(middle - low);
    writer.number(high - middle);
  }
}

type Three = [number, number, number];

/**
 * Reads what {@link writeMeasured} wrote.
 * @throws RangeError when it is damaged
 */
export function readMeasured(reader: ByteReader, runs: number): MeasuredByNumber {
  const all: MeasuredByNumber = new Map();
  for (let left = reader.number(); left > 0; left -= 1) {
    const head = reader.number();
    const count = runs - reader.number();
    const exponent = unzigzag(reader.number());
    const middle = unzigzag(reader.number());
    const isConstant = head % 2 === 1;
    const low = isConstant ? middle : middle - reader.number();
    const high = isConstant ? middle : middle + reader.number();
    const [minimum, mean, maximum] = [low, middle, high].map((digits) => numberOf(digits, exponent)) as Three;
    all.set(Math.floor(head / 2), { count, minimum, mean, maximum });
  }
  return all;
}

/** The power of ten of the last digit that is kept of a number. */
function exponentOf(largest: number): number {
  const [, power = "0"] = largest.toExponential().split("e");
  return largest === 0 ? 0 : Number(power) - (keptDigits - 1);
}

/** How often the power of ten is in a number. By its text, because a power of ten may be smaller than the smallest number. */
function digitsOf(value: number, exponent: number): number {
  const [mantissa = "0", power = "0"] = value.toExponential().split("e");
  return Math.round(Number(`${mantissa}e${Number(power) - exponent}`)) + 0; // No negative zero.
}

/** The largest number, rounded up, would be none any more. */
function numberOf(digits: number, exponent: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(`${digits}e${exponent}`)));
}

/** Whole numbers of either sign as those that are not negative: 0, -1, 1, -2, … */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
