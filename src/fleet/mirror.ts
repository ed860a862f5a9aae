import type { CheckRecord, KnownRecord, RecordedPast } from "../engine/sharing/check-record.ts";
import type { TookOptions } from "../engine/sharing/sharing.ts";
import { shardOf } from "./fixed-shards.ts";
import { shardCount } from "./leases.ts";
import { type ReadRecord, readRecords, type StampedRecord } from "./record.ts";
import type { KeptRecord } from "./redis-records.ts";

/** A record that counts. */
export interface MirroredRecord extends KnownRecord, StampedRecord {
  /** When it was written, by the clock of Redis. */
  readonly at: number;
}

const noPast: RecordedPast = { transitions: [], recent: [] };

/** Is told of each record that has begun to count. */
export type TookRecord = (name: string, before: CheckRecord | undefined, options: TookOptions) => void;

/** What this replica knows of all records. */
export class Mirror {
  readonly #replica: string;
  readonly #took: TookRecord;
  readonly #records = new Map<string, MirroredRecord>();
  readonly #byShard = Array.from({ length: shardCount }, () => new Set<string>());

  constructor(replica: string, took: TookRecord) {
    this.#replica = replica;
    this.#took = took;
  }

  get size(): number {
    return this.#records.size;
  }

  find(name: string): MirroredRecord | undefined {
    return this.#records.get(name);
  }

  /** The names of the checks of a shard of which something is known. */
  namesOf(shard: number): ReadonlySet<string> {
    return this.#byShard[shard] ?? new Set();
  }

  /**
   * Takes what a replica has written. What was written before that which is known counts for nothing: this replica may be behind
   * with the news, and know from elsewhere what came after.
   * @param at when it was written, by the clock of Redis
   * @param redisNow what that clock says now
   * @returns how many records could not be read, and whether the past of one is missing, so that its shard must be read anew
   */
  takeNews(
    json: string,
    at: number,
    redisNow: number,
  ): { readonly unreadable: number; readonly isIncomplete: boolean } {
    const { records, unreadable } = readRecords(parsed(json));
    let isIncomplete = false;
    for (const read of records) {
      const { name } = read.head;
      const known = this.#records.get(name);
      if (known !== undefined && (isSame(known, read) || known.at > at)) continue;
      if (read.past === undefined && known === undefined) isIncomplete = true;
      // The name is kept once, as that of the first record.
      const record = {
        ...read.head,
        name: known?.record.name ?? name,
        past: read.past ?? known?.record.past ?? noPast,
      };
      const renewedAt = performance.now() - read.age - Math.max(0, redisNow - at);
      this.#take({ record, by: read.by, sequence: read.sequence, at, renewedAt }, true);
    }
    return { unreadable, isIncomplete };
  }

  /** Takes what this replica itself has written, and what the others will read in the news. */
  takeOwn(stamped: StampedRecord, renewedAt: number, at: number): void {
    const known = this.#records.get(stamped.record.name);
    if (known !== undefined && isSame(known, stamped)) return;
    this.#take({ ...stamped, at, renewedAt }, true);
  }

  /**
   * Takes what Redis keeps of a shard. Of each check, what was written last counts: Redis may have lost what is known here.
   * @param redisNow what the clock of Redis says now
   * @returns what Redis lacks, and what is not known here because it cannot be read
   */
  takeShard(shard: number, kept: ReadonlyMap<string, KeptRecord>, redisNow: number) {
    let unreadable = 0;
    for (const { at, json } of kept.values()) {
      const [read] = readRecords([parsed(json)]).records;
      if (read === undefined) {
        unreadable += 1;
        continue;
      }
      const known = this.#records.get(read.head.name);
      if (known !== undefined && (known.at >= at || isSame(known, read))) continue;
      const renewedAt = performance.now() - read.age - Math.max(0, redisNow - at);
      const record = { ...read.head, past: read.past ?? noPast };
      this.#take({ record, by: read.by, sequence: read.sequence, at, renewedAt }, false);
    }
    const missing = [...this.namesOf(shard)].filter((name) => {
      const written = kept.get(name)?.at;
      return written === undefined || written < (this.#records.get(name)?.at ?? 0);
    });
    return { missing, unreadable };
  }

  #take(taken: MirroredRecord, isNews: boolean): void {
    const { name } = taken.record;
    const before = this.#records.get(name)?.record;
    this.#records.set(name, taken);
    if (before === undefined) this.#byShard[shardOf(name, shardCount)]?.add(name);
    this.#took(name, before, { isOwn: taken.by === this.#replica, isNews });
  }

  /**
   * Forgets what was written before a moment of checks that are no more: otherwise it would be written again into a Redis that has
   * forgotten it.
   * @param configured the names of the checks that there are
   */
  forgetOld(shard: number, configured: readonly string[], earliest: number): void {
    for (const name of this.namesOf(shard)) {
      if (configured.includes(name) || (this.#records.get(name)?.at ?? 0) >= earliest) continue;
      this.#records.delete(name);
      this.#byShard[shard]?.delete(name);
    }
  }
}

function isSame(one: Omit<StampedRecord, "record">, other: Omit<StampedRecord, "record"> | ReadRecord): boolean {
  return one.by === other.by && one.sequence === other.sequence;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // It counts as one that cannot be read.
  }
}
