import { deflateRawSync, inflateRawSync } from "node:zlib";
import { addTo, type Bucket } from "./bucket.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { type Column, readColumn, writeColumn } from "./column.ts";
import type { Resolution } from "./resolution.ts";

/** How the rest of a row is written: as it is, or compressed once nothing more is expected in it. */
const plain = 0;
const compressed = 1;

/** The columns of a row, by their number in it, still encoded. */
export type Row = Map<number, Uint8Array>;

/** Writes a row of the database: what one shard's checks did in some consecutive buckets. */
export function writeRow(row: ReadonlyMap<number, Uint8Array>, isFull: boolean): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  for (const [number, column] of [...row].toSorted(([one], [other]) => one - other)) {
    writer.byte(number);
    writer.number(column.length);
    writer.bytes(column);
  }
  const body = writer.done();
  const written = isFull ? deflateRawSync(body, { level: 9 }) : body;
  const bytes = new Uint8Array(1 + written.length);
  bytes[0] = isFull ? compressed : plain;
  bytes.set(written, 1);
  return bytes;
}

/**
 * Reads what {@link writeRow} wrote.
 * @throws Error when it is damaged
 */
export function readRow(bytes: Uint8Array): Row {
  const body = bytes[0] === compressed ? inflateRawSync(bytes.subarray(1)) : bytes.subarray(1);
  const reader = new ByteReader(body);
  const row: Row = new Map();
  while (!reader.isAtEnd) {
    const number = reader.byte();
    row.set(number, reader.bytes(reader.number()));
  }
  return row;
}

/** Adds a column to a row, to what is there already if the same time has come twice. */
export function addColumn(row: Row, number: number, column: ReadonlyMap<number, Bucket>, resolution: Resolution): void {
  const before = row.get(number);
  const { milliseconds } = resolution;
  if (before === undefined) row.set(number, writeColumn(column, milliseconds));
  else row.set(number, writeColumn(added(readColumn(before, milliseconds, "all"), column, milliseconds), milliseconds));
}

/** What a whole row amounts to: one bucket of the next resolution for each check. */
export function sumOfRow(row: Row, { milliseconds, rowMilliseconds }: Resolution): Column {
  const sum: Column = new Map();
  for (const column of row.values()) added(sum, readColumn(column, milliseconds, "all"), rowMilliseconds);
  return sum;
}

/** Adds the buckets of one column to those of another, which is changed. */
export function added(column: Column, other: ReadonlyMap<number, Bucket>, lengthMilliseconds: number): Column {
  for (const [place, bucket] of other) {
    const before = column.get(place);
    if (before === undefined) column.set(place, bucket);
    else addTo(before, bucket, lengthMilliseconds);
  }
  return column;
}
