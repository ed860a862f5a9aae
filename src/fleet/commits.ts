import type { SharedFinding } from "../engine/sharing/sharing.ts";
import { shardOf } from "./fixed-shards.ts";
import { type Leases, shardCount } from "./leases.ts";
import type { Mirror } from "./mirror.ts";
import { type StampedRecord, writeRecord } from "./record.ts";
import type { RedisLink } from "./redis-link.ts";
import type { CommittedRecord, RedisRecords } from "./redis-records.ts";

/** How many records are written at once, so that Redis is not held up for others. */
const recordsAtATime = 500;

/** A record that is to be written. */
interface Pending extends StampedRecord, Pick<SharedFinding, "endedAt"> {
  /** When the runs that failed began and ended that it tells of, its own or those that were to be written before it. */
  readonly failed: { readonly from: number; readonly to: number } | undefined;
}

/** What commits work with. */
export interface CommitsOptions {
  readonly replica: string;
  readonly link: Pick<RedisLink, "isConnected" | "silence" | "latestMoment">;
  readonly records: Pick<RedisRecords, "commit">;
  readonly leases: Pick<Leases, "lockOf">;
  readonly mirror: Mirror;
  /** Whether this replica holds a shard now. */
  readonly isHeld: (shard: number) => boolean;
  /** Somebody else holds a shard now. */
  readonly refused: (shard: number) => void;
  /** A failure was found while this replica was alone: it counts for nothing. */
  readonly discarded: (name: string) => void;
}

/** Writes what was found here. It counts once Redis has taken it, and until then the newest finding of each check is kept. */
export class Commits {
  readonly #options: CommitsOptions;
  readonly #pending = new Map<number, Map<string, Pending>>();
  readonly #flushing = new Map<number, Promise<void>>();
  /** The past of each record that was last written, which its readers have. */
  readonly #writtenPasts = new WeakSet<object>();
  #sequence = 0;

  constructor(options: CommitsOptions) {
    this.#options = options;
  }

  take(finding: SharedFinding): void {
    const { record, hasFailed, startedAt, endedAt } = finding;
    this.#sequence += 1;
    const before = this.#pending.get(shardOf(record.name, shardCount))?.get(record.name)?.failed;
    const failed = hasFailed ? { from: before?.from ?? startedAt, to: endedAt } : before;
    this.#add({ record, by: this.#options.replica, sequence: this.#sequence, endedAt, failed });
  }

  /** Writes again what is known already: Redis has lost it. */
  repeat(name: string): void {
    const known = this.#options.mirror.find(name);
    if (known === undefined) return;
    const { record, by, sequence, renewedAt } = known;
    this.#writtenPasts.delete(record.past); // Who comes later has not got it.
    if (this.#pending.get(shardOf(name, shardCount))?.has(name)) return;
    this.#add({ record, by, sequence, endedAt: renewedAt, failed: undefined });
  }

  /** Forgets what was found in a shard that is no longer held. */
  drop(shard: number): void {
    this.#pending.delete(shard);
  }

  /** Writes what is pending in all shards, or in one. Never fails: what could not be written is tried again the next time. */
  async flush(shards: Iterable<number> = this.#pending.keys()): Promise<void> {
    this.#discard();
    if (!this.#options.link.isConnected) return;
    await Promise.all(Array.from(shards, (shard) => this.#flushShard(shard)));
  }

  #add(pending: Pending): void {
    const { name } = pending.record;
    const shard = shardOf(name, shardCount);
    if (!this.#options.isHeld(shard)) return;
    let ofShard = this.#pending.get(shard);
    if (ofShard === undefined) {
      ofShard = new Map();
      this.#pending.set(shard, ofShard);
    }
    ofShard.set(name, pending);
  }

  /** A failure that was found while Redis gave no answer may be this replica's own. */
  #discard(): void {
    const { silence } = this.#options.link;
    if (silence === undefined) return;
    for (const ofShard of this.#pending.values()) {
      for (const [name, { failed }] of ofShard) {
        if (failed === undefined || failed.from > silence.to || failed.to < silence.from) continue;
        ofShard.delete(name);
        this.#options.discarded(name);
      }
    }
  }

  /** One after the other for each shard. */
  #flushShard(shard: number): Promise<void> {
    const before = this.#flushing.get(shard) ?? Promise.resolve();
    const flushing = before.then(() => this.#write(shard));
    this.#flushing.set(shard, flushing);
    return flushing;
  }

  async #write(shard: number): Promise<void> {
    const ofShard = this.#pending.get(shard);
    while (ofShard !== undefined && ofShard.size > 0 && this.#pending.get(shard) === ofShard) {
      const batch = [...ofShard.values()].slice(0, recordsAtATime);
      if (!(await this.#writeBatch(shard, batch))) return;
      for (const one of batch) if (ofShard.get(one.record.name) === one) ofShard.delete(one.record.name);
    }
  }

  /** @returns whether it was written */
  async #writeBatch(shard: number, batch: readonly Pending[]): Promise<boolean> {
    const { link, records, leases, mirror, refused } = this.#options;
    const now = performance.now();
    try {
      const written = batch.map((one) => this.#written(one, now));
      const committed = await records.commit(shard, leases.lockOf(shard), written, link.latestMoment);
      if (committed === "late") return false;
      if (committed === "refused") {
        refused(shard);
        return false;
      }
      for (const { record, by, sequence, endedAt } of batch) {
        this.#writtenPasts.add(record.past);
        mirror.takeOwn({ record, by, sequence }, endedAt, committed.at);
      }
      return true;
    } catch {
      return false; // There is no connection; who watches over it has said so.
    }
  }

  #written(pending: Pending, now: number): CommittedRecord {
    const { record, endedAt } = pending;
    return {
      name: record.name,
      isPastKnown: this.#writtenPasts.has(record.past),
      ...writeRecord(pending, Math.max(0, now - endedAt)),
    };
  }
}
