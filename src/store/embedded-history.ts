import { setImmediate as breathe } from "node:timers/promises";
import type { HistoryKeeper, KeptMonitor } from "../engine/history-keeper.ts";
import type { RememberedCheck } from "../engine/remembered-check.ts";
import {
  type HistoryBucket,
  type HistorySpan,
  type Incident,
  type IncidentQuestion,
  type MeasureHistory,
  type Uptime,
  type UptimeWindow,
  uptimeWindows,
} from "../health/history/history.ts";
import type { Observation } from "../health/history/observation.ts";
import type { Logger } from "../health/logger.ts";
import type { BucketNumbers } from "./buckets/division.ts";
import type { Documents, StoredDocument } from "./documents.ts";
import { viewBuckets } from "./recorder/bucket-view.ts";
import { MemoryWriter, readMemories } from "./recorder/memories.ts";
import { OpenIncidents } from "./recorder/open-incidents.ts";
import { StoreClient } from "./recorder/store-client.ts";
import { Timeline } from "./recorder/timeline.ts";
import { WatchedChecks } from "./recorder/watched-checks.ts";
import { EventBuffer } from "./thread/events.ts";
import type { Opened, Question, StoreLocation } from "./thread/messages.ts";

/** How often what has happened is handed to the thread, which then writes it: what a process that is killed loses. */
const flushMilliseconds = 1500;

/** How many events wait for a thread that does not answer. */
const maxEvents = 500_000;

/** What is kept of so many checks is written in one turn of the event loop. */
const memoriesAtATime = 200;

/** How long the start waits for the database, which may be on a file system that hangs. */
const openMilliseconds = 10_000;

/** How long the end waits for the last write. */
const closeMilliseconds = 5000;

/** Reads both clocks, in milliseconds: the one that tells the time, and the one that only goes on. */
export interface Clocks {
  readonly wall: () => number;
  readonly monotonic: () => number;
}

/**
 * History in the embedded database. This part is told what happens, at most some numbers a run; a thread of its own counts,
 * writes and reads. Without a path the database is in the memory of that thread.
 */
export class EmbeddedHistory implements HistoryKeeper, Documents {
  readonly #location: StoreLocation;
  readonly #logger: Logger;
  readonly #clocks: Clocks;
  readonly #events = new EventBuffer(maxEvents);
  readonly #checks = new WatchedChecks(this.#events);
  readonly #timeline = new Timeline();
  readonly #changedIncidents = new Map<string, Incident>();
  readonly #incidents = new OpenIncidents((incident) => this.#changedIncidents.set(incident.id, incident));
  readonly #memories = new MemoryWriter();
  readonly #unwritten = new Set<string>();
  #watched: readonly string[] | undefined;
  #monitor: KeptMonitor | undefined;
  #remembered: readonly RememberedCheck[] = [];
  #client: StoreClient | undefined;
  #opened: (opened: Opened) => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #uptimes = new Float64Array(0);
  #isDeaf = false;
  #closed = false;

  /** Use {@link openHistory}. */
  constructor(location: StoreLocation, logger: Logger, clocks: Clocks) {
    this.#location = location;
    this.#logger = logger;
    this.#clocks = clocks;
  }

  get remembered(): readonly RememberedCheck[] {
    return this.#remembered;
  }

  /** Starts the thread, and waits for what the start has to know. It never fails: what is wrong is logged. */
  async open(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<Opened | undefined>();
    this.#opened = resolve;
    const client = this.#start();
    client.hold();
    const timer = setTimeout(() => resolve(undefined), openMilliseconds);
    const opened = await promise;
    clearTimeout(timer);
    client.release();
    if (opened === undefined) {
      this.#logger.warn({}, `${this.#location.path} does not answer: Healthspan goes on without what was kept in it`);
      return;
    }
    this.#remembered = readMemories(opened.memories, this.#clocks.wall());
    this.#incidents.resume(opened.incidents);
  }

  begin(monitor: KeptMonitor): void {
    this.#monitor = monitor;
    this.#checks.calendar = monitor.maintenance;
    this.replaced();
  }

  observed(observation: Observation): void {
    if (this.#closed || this.#isDeaf) return;
    const now = this.#note();
    if (this.#checks.take(observation, now)) this.#unwritten.add(observation.check.name);
    this.#incidents.take(observation, () => this.#checks.isInMaintenance(observation.check, now));
    this.#flushLater();
  }

  changed(check: string): void {
    this.#unwritten.add(check);
    this.#flushLater();
  }

  replaced(): void {
    const identities = this.#monitor?.identities() ?? [];
    const types = new Map(identities.map(({ name, type }) => [name, type]));
    const now = this.#note();
    for (const name of this.#checks.names) if (!types.has(name)) this.#checks.remove(name, now);
    // An incident of a check that is gone has no other end.
    for (const { check } of this.#incidents.all()) if (!types.has(check)) this.#incidents.close(check, now);
    this.#watched = [...types.keys()];
    this.#memories.keepOnly(new Set(this.#watched));
    if (this.#location.path !== undefined) this.#flushLater();
  }

  uptime(check: string, window: UptimeWindow): Uptime | undefined {
    const number = this.#checks.numberOf(check);
    if (number === undefined) return undefined;
    const place = 2 * (number * uptimeWindows.length + uptimeWindows.indexOf(window));
    const known = this.#uptimes[place + 1] ?? 0;
    if (known <= 0) return undefined;
    return { availableSeconds: (this.#uptimes[place] ?? 0) / 1000, knownSeconds: known / 1000 };
  }

  incident(check: string): Incident | undefined {
    return this.#incidents.of(check);
  }

  async buckets(checks: readonly string[], span: HistorySpan): Promise<ReadonlyMap<string, readonly HistoryBucket[]>> {
    const question = { kind: "buckets", checks, span, now: this.#clocks.wall() } as const;
    const sent = await this.#ask(question).catch((error: unknown) => this.#unanswered(error));
    return sent === undefined ? new Map() : viewBuckets(sent as BucketNumbers, span); // As the thread answers that.
  }

  async measures(check: string, span: HistorySpan): Promise<readonly MeasureHistory[]> {
    const question = { kind: "measures", check, span, now: this.#clocks.wall() } as const;
    const sent = await this.#ask(question).catch((error: unknown) => this.#unanswered(error));
    return (sent ?? []) as readonly MeasureHistory[]; // As the thread answers that.
  }

  async incidents(question: IncidentQuestion): Promise<readonly Incident[]> {
    const asked = { kind: "incidents", ...question } as const;
    const sent = await this.#ask(asked).catch((error: unknown) => this.#unanswered(error));
    return (sent ?? []) as readonly Incident[]; // As the thread answers that.
  }

  async put(kind: string, id: string, content: StoredDocument["content"]): Promise<void> {
    await this.#ask({ kind: "put", of: kind, id, json: JSON.stringify(content) });
  }

  async delete(kind: string, id: string): Promise<void> {
    await this.#ask({ kind: "delete", of: kind, id });
  }

  async all(kind: string): Promise<readonly StoredDocument[]> {
    return (await this.#ask({ kind: "documents", of: kind })) as readonly StoredDocument[]; // As the thread answers that.
  }

  /** Writes what is known now, and nothing after that. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    if (client === undefined) return;
    if (this.#location.path !== undefined && !this.#isDeaf) {
      for (const { name } of this.#monitor?.identities() ?? []) this.#unwritten.add(name);
      await this.#flush(client);
      await client.ask({ kind: "close" }, closeMilliseconds).catch((error: unknown) => this.#warn(error));
    }
    await client.end();
  }

  /** Notes the moment, and what was left out before it. */
  #note(): number {
    const now = Math.round(this.#clocks.wall());
    const gap = this.#timeline.note(now, this.#clocks.monotonic());
    if (gap !== undefined) this.#events.away(gap.from, gap.until);
    return now;
  }

  #flushLater(): void {
    if (this.#timer !== undefined || this.#closed || this.#isDeaf) return;
    this.#timer = setTimeout(() => void this.#turn(), flushMilliseconds);
    this.#timer.unref();
  }

  async #turn(): Promise<void> {
    const now = this.#note();
    this.#checks.lookForMaintenance(now);
    this.#events.alive(now);
    const client = this.#start();
    if (!client.isBehind) await this.#flush(client);
    this.#timer = undefined;
    this.#flushLater();
  }

  /** Hands over what has happened. Many checks that have changed at once are written one part after the other. */
  async #flush(client: StoreClient): Promise<void> {
    do {
      const names = [...this.#unwritten].slice(0, memoriesAtATime);
      for (const name of names) this.#unwritten.delete(name);
      const isKept = this.#location.path !== undefined;
      const memories = (isKept && this.#monitor?.remember(names)) || [];
      client.tell({
        kind: "flush",
        checks: this.#checks.takeUntold(),
        measures: this.#checks.takeUntoldMeasures(),
        events: this.#events.take(),
        incidents: [...this.#changedIncidents.values()],
        memories: memories.map((memory) => this.#memories.write(memory)),
        watched: this.#watched,
      });
      this.#changedIncidents.clear();
      this.#watched = undefined;
      if (this.#unwritten.size > 0) await breathe();
    } while (this.#unwritten.size > 0);
  }

  async #ask(question: Question): Promise<unknown> {
    const client = this.#start();
    // What was observed before is part of the answer.
    this.#events.alive(this.#note());
    if (!this.#closed && !client.isBehind) void this.#flush(client);
    return client.ask(question);
  }

  #start(): StoreClient {
    this.#client ??= new StoreClient(this.#location, {
      opened: (opened) => this.#opened(opened),
      uptimes: (numbers) => {
        this.#uptimes = numbers as Float64Array<ArrayBuffer>;
      },
      forgot: () => this.#tellAllAgain(),
      log: (level, message, error) => this.#logger[level](error === undefined ? {} : { error }, message),
      lost: (error) => {
        this.#isDeaf = true;
        clearTimeout(this.#timer);
        this.#opened({ kind: "opened", memories: [], incidents: [] });
        this.#logger.warn({ error: error.message }, "history is no longer kept until the next start");
      },
    });
    return this.#client;
  }

  #tellAllAgain(): void {
    this.#checks.tellAll();
    this.#memories.forget();
    for (const { name } of this.#monitor?.identities() ?? []) this.#unwritten.add(name);
    for (const incident of this.#incidents.all()) this.#changedIncidents.set(incident.id, incident);
    this.#flushLater();
  }

  /** A page without its past is better than none. */
  #unanswered(error: unknown): undefined {
    if (!this.#isDeaf) this.#warn(error);
    return undefined;
  }

  #warn(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#logger.warn({ error: text }, "the history cannot be read or written");
  }
}
