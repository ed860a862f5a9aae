import { type Bucket, emptyBucket, historyStates, numberOf } from "./bucket.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { readMeasured, writeMeasured } from "./measured.ts";

/** How many checks share a row of the database. */
export const checksPerShard = 64;

/** The buckets of a shard's checks for the same stretch of time, by the place of the check in its shard. */
export type Column = Map<number, Bucket>;

/** The whole bucket was healthy, as nearly all are. */
const allHealthy = 1;
const hasFailures = 2;
const hasTime = 4;
const hasMeasured = 8;

/** How much of a column is wanted: what comes later in it need not be read. */
export type Depth = "time" | "durations" | "all";

/**
 * Writes a column: which checks are in it, then the same field of all of them, one field after the other, because what is alike
 * compresses well when it stands together. The durations and what was
 * measured come last, so that who adds up time need not read them.
 */
export function writeColumn(column: ReadonlyMap<number, Bucket>, lengthMilliseconds: number): Uint8Array<ArrayBuffer> {
  const places = [...column.keys()].toSorted((one, other) => one - other);
  const buckets = places.map((place) => column.get(place) ?? emptyBucket());
  const writer = new ByteWriter();
  writePlaces(writer, places);
  const flags = buckets.map((bucket) => flagsOf(bucket, lengthMilliseconds));
  for (const one of flags) writer.byte(one);
  for (const [index, { milliseconds }] of buckets.entries()) {
    if (((flags[index] ?? 0) & hasTime) !== 0) writeTime(writer, milliseconds);
  }
  for (const { runs } of buckets) writer.number(runs);
  for (const { failures } of buckets) if (failures > 0) writer.number(failures);
  for (const bucket of buckets) writeDurations(writer, bucket);
  for (const { measured, runs } of buckets) if (measured !== undefined) writeMeasured(writer, measured, runs);
  return writer.done();
}

/**
 * Reads what {@link writeColumn} wrote.
 * @param depth what is wanted: the histograms are empty with `time`, and what was measured is absent without `all`
 * @throws RangeError when it is damaged
 */
export function readColumn(bytes: Uint8Array, lengthMilliseconds: number, depth: Depth): Column {
  const reader = new ByteReader(bytes);
  const column: Column = new Map(readPlaces(reader).map((place) => [place, emptyBucket()]));
  const buckets = [...column.values()];
  const flags = buckets.map(() => reader.byte());
  const has = (index: number, flag: number): boolean => ((flags[index] ?? 0) & flag) !== 0;
  for (const [index, { milliseconds }] of buckets.entries()) {
    if (has(index, allHealthy)) milliseconds[numberOf.healthy] = lengthMilliseconds;
    else if (has(index, hasTime)) readTime(reader, milliseconds);
  }
  for (const bucket of buckets) bucket.runs = reader.number();
  for (const [index, bucket] of buckets.entries()) if (has(index, hasFailures)) bucket.failures = reader.number();
  if (depth === "time") return column;
  for (const bucket of buckets) readDurations(reader, bucket);
  if (depth === "durations") return column;
  for (const [index, bucket] of buckets.entries()) {
    if (has(index, hasMeasured)) bucket.measured = readMeasured(reader, bucket.runs);
  }
  return column;
}

function flagsOf({ milliseconds, failures, measured }: Bucket, lengthMilliseconds: number): number {
  const others = (failures > 0 ? hasFailures : 0) | (measured === undefined ? 0 : hasMeasured);
  const isWhole = milliseconds.every((held, state) => held === (state === numberOf.healthy ? lengthMilliseconds : 0));
  if (isWhole) return allHealthy | others;
  return others | (milliseconds.some((held) => held > 0) ? hasTime : 0);
}

function writePlaces(writer: ByteWriter, places: readonly number[]): void {
  const bits = new Uint8Array(checksPerShard / 8);
  for (const place of places) bits[place >> 3] = (bits[place >> 3] ?? 0) | (1 << (place & 7));
  writer.bytes(bits);
}

function readPlaces(reader: ByteReader): readonly number[] {
  const bits = reader.bytes(checksPerShard / 8);
  const places: number[] = [];
  for (let place = 0; place < checksPerShard; place += 1) {
    if (((bits[place >> 3] ?? 0) & (1 << (place & 7))) !== 0) places.push(place);
  }
  return places;
}

function writeTime(writer: ByteWriter, milliseconds: readonly number[]): void {
  let mask = 0;
  for (const [state, held] of milliseconds.entries()) if (held > 0) mask |= 1 << state;
  writer.byte(mask);
  for (const held of milliseconds) if (held > 0) writer.number(held);
}

function readTime(reader: ByteReader, milliseconds: number[]): void {
  const mask = reader.byte();
  for (const state of historyStates.keys()) {
    if ((mask & (1 << state)) !== 0) milliseconds[state] = reader.number();
  }
}

/**
 * Writes the histogram as shares of the runs, in so many parts that quantiles keep their meaning: the counts of hundreds of runs
 * say no more, and take twice the space. Each cell that is not empty: how many empty ones come before it, and its parts, except
 * for the last one, which has what is left.
 */
function writeDurations(writer: ByteWriter, { durations, runs }: Bucket): void {
  const parts = partsOf(durations, partCount(runs));
  let left = partCount(runs);
  let gap = 0;
  for (const count of parts) {
    if (left === 0) return;
    if (count > 0) {
      const isLast = count === left;
      writer.number(2 * gap + (isLast ? 1 : 0));
      if (!isLast) writer.number(count);
      left -= count;
      gap = 0;
    } else gap += 1;
  }
}

function readDurations(reader: ByteReader, { durations, runs }: Bucket): void {
  const count = partCount(runs);
  let cell = 0;
  for (let left = count; left > 0; ) {
    const head = reader.number();
    cell += head >> 1;
    const parts = (head & 1) === 1 ? left : reader.number();
    if (cell >= durations.length) throw new RangeError("a histogram in a row of the history is too long");
    durations[cell] = (parts * runs) / count;
    left -= parts;
    cell += 1;
  }
}

/** Up to {@link maxParts} runs are counted one by one; more are divided into at least half as many parts. */
const maxParts = 32;

function partCount(runs: number): number {
  if (runs <= maxParts) return runs;
  return Math.round(runs / 2 ** Math.ceil(Math.log2(runs / maxParts)));
}

/** Divides whole parts among the cells as near to their counts as can be (the method of the largest remainder). */
function partsOf(durations: readonly number[], count: number): readonly number[] {
  const total = durations.reduce((sum, one) => sum + one, 0);
  if (total === 0 || count === 0) return [count]; // Durations are only there with runs.
  const exact = durations.map((one) => (one * count) / total);
  const parts = exact.map((one) => Math.floor(one + 1e-9));
  const missing = count - parts.reduce((sum, one) => sum + one, 0);
  const cells = [...exact.keys()].filter((cell) => (exact[cell] ?? 0) > (parts[cell] ?? 0) + 1e-9);
  const byRemainder = cells.toSorted((one, other) => remainder(other) - remainder(one));
  for (const cell of byRemainder.slice(0, missing)) parts[cell] = (parts[cell] ?? 0) + 1;
  return parts;

  function remainder(cell: number): number {
    return (exact[cell] ?? 0) - (parts[cell] ?? 0);
  }
}
