import type { DatabaseSync, StatementSync } from "node:sqlite";
import { readColumn, writeColumn } from "../buckets/column.ts";
import { minutes } from "../buckets/resolution.ts";
import { readEvents } from "./events.ts";
import type { OpenTimes } from "./open-times.ts";

/** What a row of the journal holds. */
const events = 0;
/** The state of each check when the journal began, as events. */
const states = 1;
/** What the open bucket held of a shard then. */
const column = 2;
/** When the open bucket began. */
const bucket = 3;

const nothing = new Uint8Array(0);

/**
 * What has happened in the open bucket, as it came in: one row each time. With it a process that is killed loses no more than
 * what it had not handed over.
 */
export class Journal {
  readonly #insert: StatementSync;
  readonly #clear: StatementSync;
  readonly #rows: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare("INSERT INTO journal (kind, key, body) VALUES (?, ?, ?)");
    this.#clear = database.prepare("DELETE FROM journal");
    this.#rows = database.prepare("SELECT kind, key, body FROM journal ORDER BY number");
  }

  /** Adds what came in. */
  add(numbers: Float64Array): void {
    this.#insert.run(events, 0, new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  }

  /** Begins anew, with what is open now. */
  begin(times: OpenTimes): void {
    this.#clear.run();
    if (times.startsAt === undefined) return;
    times.countUntil(times.reached);
    this.#insert.run(bucket, times.startsAt, nothing);
    for (const [shard, open] of times.columns())
      this.#insert.run(column, shard, writeColumn(open, minutes.milliseconds));
    this.#insert.run(states, 0, new Uint8Array(times.states().buffer));
  }

  /**
   * Lets what is written happen again.
   * @throws Error when it is damaged
   */
  replay(times: OpenTimes): void {
    let startsAt = 0;
    for (const { kind, key, body } of this.#rows.iterate()) {
      const bytes = body as Uint8Array;
      if (kind === bucket) startsAt = Number(key);
      if (kind === bucket) times.restore(startsAt, new Map());
      if (kind === column)
        times.restore(startsAt, new Map([[Number(key), readColumn(bytes, minutes.milliseconds, "all")]]));
      if (kind === states || kind === events) {
        // A copy, because numbers of eight bytes have to begin at a multiple of eight.
        for (const event of readEvents(new Float64Array(bytes.slice().buffer))) times.take(event);
      }
    }
  }
}
