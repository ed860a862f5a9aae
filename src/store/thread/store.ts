import type { DatabaseSync } from "node:sqlite";
import { type Incident, type IncidentQuestion, uptimeWindows } from "../../health/history/history.ts";
import { availability } from "../buckets/bucket.ts";
import { type Column, checksPerShard } from "../buckets/column.ts";
import { minutes } from "../buckets/resolution.ts";
import { added } from "../buckets/row.ts";
import { BucketTable } from "./bucket-table.ts";
import { CheckTable } from "./check-table.ts";
import { checkFactor, measuredEvent, numbersPerEvent, readEvents } from "./events.ts";
import { IncidentTable } from "./incident-table.ts";
import { Journal } from "./journal.ts";
import { MeasureTable } from "./measure-table.ts";
import { MemoryTable } from "./memory-table.ts";
import type { Flush, Opened, ToldMemory } from "./messages.ts";
import { type Columns, OpenTimes } from "./open-times.ts";
import { inTransaction } from "./schema.ts";
import { numbersPerWindow, UptimeSums, windowStart } from "./uptime-sums.ts";

/** How many finished buckets wait for a disk that cannot be written: two hours. */
const maxWaiting = 24;

/** How often what is older than is kept is removed, in milliseconds. */
const pruneMilliseconds = 3_600_000;

/** Nothing is removed until the clock has not been set for so long: what a wrong clock calls old may not be. */
const steadyMilliseconds = 600_000;

/** How many incidents wait for a disk that cannot be written. */
const maxWaitingIncidents = 10_000;

/**
 * History in a database: takes what has happened, counts it into buckets, and writes all of it. It is synchronous, and runs in a
 * thread of its own. What it was told is true at once, and in the database when {@link flush} returns; when that throws, nothing
 * of it is, and the next one tries again.
 */
export class Store {
  readonly #database: DatabaseSync;
  readonly #checks: CheckTable;
  readonly #measures: MeasureTable;
  readonly #incidents: IncidentTable;
  readonly #memories: MemoryTable;
  readonly #journal: Journal;
  readonly #table: BucketTable;
  readonly #sums: UptimeSums;
  readonly #times: OpenTimes;
  /** Finished buckets that are not in the database yet, by when they began. */
  readonly #finished = new Map<number, Columns>();
  readonly #waitingIncidents = new Map<string, Incident>();
  readonly #waitingMemories = new Map<string, ToldMemory>();
  #watchedNames: readonly string[] | undefined;
  /** The number of each check in the database, by what its events call it. */
  readonly #numbers: number[] = [];
  /** The same of each measure. */
  readonly #measureNumbers: number[] = [];
  #watched = new Set<number>();
  /** Whether the journal in the database is not what has happened. */
  #isBehind = true;
  /** Whether time may have come twice, because the clock was set back. */
  #isRecounted = false;
  #prunedAt = 0;
  #steadySince = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#checks = new CheckTable(database);
    this.#measures = new MeasureTable(database);
    this.#incidents = new IncidentTable(database);
    this.#memories = new MemoryTable(database);
    this.#journal = new Journal(database);
    this.#table = new BucketTable(database);
    this.#sums = new UptimeSums(this.#table);
    this.#times = new OpenTimes((startsAt, columns) => this.#finish(startsAt, columns));
  }

  /** What the next start has to know before anything else. */
  opened(): Opened {
    return { kind: "opened", memories: this.#memories.read(), incidents: this.#incidents.open() };
  }

  /** Goes on where the last process ended. */
  resume(): void {
    this.#journal.replay(this.#times);
    this.#times.countUntil(this.#times.reached);
    this.#times.end();
    this.#sums.read(this.#times.startsAt ?? 0, this.#checks.count);
  }

  /** @throws Error of SQLite when it cannot be written */
  flush({ checks, measures, events, incidents, memories, watched }: Flush): void {
    for (const check of checks) this.#numbers[check.number] = this.#checks.number(check);
    for (const measure of measures) this.#measureNumbers[measure.number] = this.#measures.number(measure);
    if (watched !== undefined) this.#watchedNames = watched;
    for (const incident of incidents) this.#waitingIncidents.set(incident.id, incident);
    for (const memory of memories) this.#remember(memory);
    this.#happen(events);
    try {
      inTransaction(this.#database, () => this.#write(events));
    } catch (error) {
      this.#isBehind = true;
      this.#dropSurplus();
      throw error;
    }
    this.#written();
  }

  /** For each check, by what its events call it: two numbers for each window, in milliseconds, as of the last event. */
  uptimes(): Float64Array<ArrayBuffer> {
    const { startsAt = 0, reached } = this.#times;
    this.#times.countUntil(reached);
    const perCheck = uptimeWindows.length * numbersPerWindow;
    const uptimes = new Float64Array(this.#numbers.length * perCheck);
    const windows = uptimeWindows.map((window, index) => {
      const from = windowStart(window, startsAt + minutes.milliseconds);
      const waiting = [...this.#finished].filter(([start]) => start >= from).map(([, columns]) => columns);
      return { sums: this.#sums.of(index), waiting };
    });
    for (const [number, check] of this.#numbers.entries()) {
      if (check === undefined) continue;
      const open = availability({ milliseconds: Array.from(this.#times.millisecondsOf(check)) });
      for (const [index, { sums, waiting }] of windows.entries()) {
        let { available, known } = open;
        for (const columns of waiting) {
          const bucket = columns.get(Math.floor(check / checksPerShard))?.get(check % checksPerShard);
          if (bucket === undefined) continue;
          const more = availability(bucket);
          available += more.available;
          known += more.known;
        }
        const place = number * perCheck + index * numbersPerWindow;
        uptimes[place] = available + (sums[check * numbersPerWindow] ?? 0);
        uptimes[place + 1] = known + (sums[check * numbersPerWindow + 1] ?? 0);
      }
    }
    return uptimes;
  }

  incidents(question: IncidentQuestion): readonly Incident[] {
    return this.#incidents.find(question);
  }

  /** The number of a check of this name; undefined when nothing is known of it. */
  numberOf(name: string): number | undefined {
    return this.#checks.numberOf(name);
  }

  /** The name and unit of a measure. */
  measure(number: number): { readonly name: string; readonly unit: string } | undefined {
    return this.#measures.get(number);
  }

  /** What is stored, and until when all of it is. */
  get stored(): { readonly table: BucketTable; readonly until: number } {
    const waiting = Math.min(...this.#finished.keys());
    return { table: this.#table, until: Math.min(waiting, this.#times.startsAt ?? 0) };
  }

  /** What is not stored yet: finished buckets of five minutes, and the open one, each with when it began. */
  unstored(): readonly (readonly [startsAt: number, columns: Columns])[] {
    this.#times.countUntil(this.#times.reached);
    const { startsAt } = this.#times;
    return [...this.#finished, ...(startsAt === undefined ? [] : [[startsAt, this.#times.columns()] as const])];
  }

  #happen(events: Float64Array): void {
    // What events call a check or a measure becomes its number in the database, there and in the journal.
    for (let place = 0; place < events.length; place += numbersPerEvent) {
      const first = events[place] ?? 0;
      const check = Math.floor(first / checkFactor);
      if (check > 0) events[place] = (this.#numbers[check] ?? 0) * checkFactor + (first % checkFactor);
      if (check > 0 && first % checkFactor === measuredEvent) {
        events[place + 2] = this.#measureNumbers[events[place + 2] ?? 0] ?? 0;
      }
    }
    for (const event of readEvents(events)) {
      if (event.kind === "away") this.#steadySince = event.until;
      if (event.kind === "away" && event.until < event.from) this.#isRecounted = true;
      if (event.kind === "observed") this.#watched.add(event.check);
      if (event.kind === "gone") this.#watched.delete(event.check);
      this.#times.take(event);
    }
    if (this.#steadySince === 0) this.#steadySince = this.#times.reached;
  }

  #write(events: Float64Array): void {
    this.#checks.write(this.#watched, this.#times.reached);
    this.#measures.write();
    for (const incident of this.#waitingIncidents.values()) this.#incidents.write(incident);
    for (const memory of this.#waitingMemories.values()) this.#memories.write(memory);
    if (this.#watchedNames !== undefined) this.#memories.keepOnly(this.#watchedNames);
    const { startsAt } = this.#times;
    if (this.#finished.size > 0 && startsAt !== undefined) {
      for (const [start, columns] of this.#finished) this.#table.add(minutes, start, columns);
      this.#table.fill(startsAt);
      this.#isBehind = true;
    }
    if (this.#isBehind) this.#journal.begin(this.#times);
    else if (events.length > 0) this.#journal.add(events);
    this.#prune();
  }

  #prune(): void {
    const { reached } = this.#times;
    const isDue = Math.abs(reached - this.#prunedAt) >= pruneMilliseconds;
    if (!isDue || reached - this.#steadySince < steadyMilliseconds) return;
    this.#table.prune(reached, Math.ceil(this.#checks.count / checksPerShard));
    this.#incidents.prune(reached);
    this.#checks.prune(this.#watched, reached);
    this.#prunedAt = reached;
  }

  #written(): void {
    this.#checks.written(this.#watched, this.#times.reached);
    this.#measures.written();
    this.#waitingIncidents.clear();
    this.#waitingMemories.clear();
    this.#watchedNames = undefined;
    this.#isBehind = false;
    if (this.#finished.size === 0) return;
    const all: Columns = new Map();
    for (const columns of this.#finished.values()) merge(all, columns, Number.MAX_SAFE_INTEGER);
    this.#finished.clear();
    const { startsAt = 0 } = this.#times;
    if (this.#isRecounted) this.#sums.read(startsAt, this.#checks.count);
    else this.#sums.add(all, startsAt, this.#checks.count);
    this.#isRecounted = false;
  }

  #finish(startsAt: number, columns: Columns): void {
    const before = this.#finished.get(startsAt);
    if (before === undefined) this.#finished.set(startsAt, columns);
    else merge(before, columns, minutes.milliseconds);
  }

  #remember(memory: ToldMemory): void {
    const before = this.#waitingMemories.get(memory.name);
    this.#waitingMemories.set(memory.name, { ...memory, transitions: memory.transitions ?? before?.transitions });
  }

  /** A disk that cannot be written for hours must not fill the memory. */
  #dropSurplus(): void {
    for (const startsAt of this.#finished.keys()) {
      if (this.#finished.size <= maxWaiting) break;
      this.#finished.delete(startsAt);
    }
    for (const id of this.#waitingIncidents.keys()) {
      if (this.#waitingIncidents.size <= maxWaitingIncidents) break;
      this.#waitingIncidents.delete(id);
    }
  }
}

function merge(columns: Columns, others: Columns, lengthMilliseconds: number): void {
  for (const [shard, column] of others) {
    const before: Column = columns.get(shard) ?? new Map();
    columns.set(shard, added(before, column, lengthMilliseconds));
  }
}
