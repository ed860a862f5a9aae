import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Column, type Depth, readColumn } from "../buckets/column.ts";
import { hours, minutes, type Resolution, resolutions, startOf } from "../buckets/resolution.ts";
import { addColumn, readRow, sumOfRow, writeRow } from "../buckets/row.ts";
import type { Columns } from "./open-times.ts";

/** A clock that was wrong once may have left rows in the future. Further ahead than this they are none of ours. */
const maxAheadMilliseconds = 2 * 86_400_000;

/** How a row's resolution, shard and time make its key, which sorts the rows of a shard by time. */
const shards = 2 ** 20;
const times = 2 ** 25;

const lastTime = times * minutes.rowMilliseconds;

/** The finished buckets. Each row holds what one shard's checks did in an hour, a day, or sixteen days. */
export class BucketTable {
  readonly #read: StatementSync;
  readonly #readRange: StatementSync;
  readonly #write: StatementSync;
  readonly #open: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync) {
    this.#read = database.prepare("SELECT full, body FROM buckets WHERE key = ?");
    this.#readRange = database.prepare("SELECT key, body FROM buckets WHERE key BETWEEN ? AND ? ORDER BY key");
    this.#write = database.prepare("INSERT OR REPLACE INTO buckets (key, full, body) VALUES (?, ?, ?)");
    this.#open = database.prepare("SELECT key, body FROM buckets WHERE full = 0 AND key BETWEEN ? AND ? ORDER BY key");
    this.#delete = database.prepare("DELETE FROM buckets WHERE key BETWEEN ? AND ?");
  }

  /** Adds the buckets of all checks that began at a moment. */
  add(resolution: Resolution, startsAt: number, columns: Columns): void {
    if (startsAt < 0 || startsAt >= lastTime) return; // The clock says what cannot be.
    for (const [shard, column] of columns) this.#addColumn(resolution, shard, startsAt, column);
  }

  /**
   * The columns of a shard whose buckets begin from a moment on, and before another.
   * @throws Error when a row is damaged
   */
  *read(
    resolution: Resolution,
    shard: number,
    from: number,
    until: number,
    depth: Depth,
  ): Generator<{ readonly startsAt: number; readonly column: Column }, void> {
    if (until <= from) return;
    const { milliseconds, rowMilliseconds } = resolution;
    const range = [keyOf(resolution, shard, from), keyOf(resolution, shard, until - 1)] as const;
    for (const { key, body } of this.#readRange.all(...range)) {
      const rowStartsAt = (Number(key) % times) * rowMilliseconds;
      for (const [number, bytes] of readRow(body as Uint8Array)) {
        const startsAt = rowStartsAt + number * milliseconds;
        if (startsAt < from || startsAt >= until) continue;
        yield { startsAt, column: readColumn(bytes, milliseconds, depth) };
      }
    }
  }

  /** Compresses the rows that end at or before a moment, and adds each up to a bucket of the next resolution. */
  fill(moment: number): void {
    for (const resolution of resolutions) {
      const all = [keyOf(resolution, 0, 0), keyOf(resolution, shards - 1, Number.MAX_SAFE_INTEGER)] as const;
      for (const { key, body } of this.#open.all(...all)) {
        const rowStartsAt = (Number(key) % times) * resolution.rowMilliseconds;
        if (rowStartsAt + resolution.rowMilliseconds > moment) continue;
        const row = readRow(body as Uint8Array);
        this.#write.run(key as number, 1, writeRow(row, true));
        if (resolution.next === undefined) continue;
        const shard = Math.floor(Number(key) / times) % shards;
        this.#addColumn(resolution.next, shard, rowStartsAt, sumOfRow(row, resolution));
      }
    }
  }

  /** Removes what is older than is kept, and what a clock left behind that was ahead. */
  prune(moment: number, shardCount: number): void {
    for (const resolution of resolutions) {
      const { keptMilliseconds, rowMilliseconds } = resolution;
      for (let shard = 0; shard < shardCount; shard += 1) {
        const oldest = startOf(moment - keptMilliseconds, rowMilliseconds);
        if (oldest > 0) this.#delete.run(keyOf(resolution, shard, 0), keyOf(resolution, shard, oldest - 1));
        const ahead = keyOf(resolution, shard, moment + maxAheadMilliseconds);
        this.#delete.run(ahead + 1, keyOf(resolution, shard, Number.MAX_SAFE_INTEGER));
      }
    }
  }

  #addColumn(resolution: Resolution, shard: number, startsAt: number, column: Column): void {
    const { milliseconds, rowMilliseconds, next } = resolution;
    const key = keyOf(resolution, shard, startsAt);
    const found = this.#read.get(key);
    const row = found === undefined ? new Map<number, Uint8Array>() : readRow(found.body as Uint8Array);
    const rowStartsAt = startOf(startsAt, rowMilliseconds);
    addColumn(row, (startsAt - rowStartsAt) / milliseconds, column, resolution);
    const isFull = found?.full === 1;
    this.#write.run(key, isFull ? 1 : 0, writeRow(row, isFull));
    // The clock was set back into a time that has been added up already.
    if (isFull && next !== undefined) this.#addColumn(next, shard, startOf(startsAt, next.milliseconds), column);
  }
}

function keyOf({ number, rowMilliseconds }: Resolution, shard: number, moment: number): number {
  return (number * shards + shard) * times + Math.min(times - 1, Math.max(0, Math.floor(moment / rowMilliseconds)));
}

/** A range of buckets of one resolution. */
export interface Stretch {
  readonly resolution: Resolution;
  readonly from: number;
  readonly until: number;
}

/**
 * How a time is read with as few rows as possible: from the longest buckets that lie in it.
 * @param addedUpUntil the end of what has been stored: longer buckets exist only where they ended before
 * @param longest the longest buckets that may be used
 */
export function stretchesOf(
  from: number,
  until: number,
  addedUpUntil: number,
  longest: Resolution,
): readonly Stretch[] {
  const parts: Stretch[] = [];
  let outer: readonly { readonly from: number; readonly until: number }[] = [{ from, until }];
  for (const resolution of resolutions.toReversed()) {
    if (resolution.number > longest.number) continue;
    const { milliseconds } = resolution;
    const stored = resolution === minutes ? addedUpUntil : startOf(addedUpUntil, milliseconds);
    const rest: { from: number; until: number }[] = [];
    for (const gap of outer) {
      const first = Math.ceil(gap.from / milliseconds) * milliseconds;
      const end = Math.max(first, startOf(Math.min(gap.until, stored), milliseconds));
      if (end <= first) rest.push(gap);
      else {
        parts.push({ resolution, from: first, until: end });
        if (gap.from < first) rest.push({ from: gap.from, until: first });
        if (end < gap.until) rest.push({ from: end, until: gap.until });
      }
    }
    outer = rest;
  }
  return parts.toSorted((one, other) => one.from - other.from);
}

/** The longest buckets of which a bucket of this length is made of whole ones. */
export function longestWithin(milliseconds: number): Resolution {
  return resolutions.findLast((resolution) => milliseconds % resolution.milliseconds === 0) ?? hours;
}
