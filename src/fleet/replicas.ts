import { z } from "zod";
import { shardCount } from "./leases.ts";
import type { Silence } from "./redis-link.ts";

/** What a replica says of itself, twice a second. */
export interface Replica {
  readonly id: string;
  /** The name of its host: in Kubernetes, of its pod. */
  readonly host: string;
  /** The version of Healthspan that it runs. */
  readonly version: string;
  /** When it came, in milliseconds since the epoch. */
  readonly since: number;
  /** What distinguishes its shared checks from those of another configuration. */
  readonly configuration: string;
  /** The numbers of the shards that it holds. */
  readonly shards: readonly number[];
}

/** A replica that has been heard lately. */
export interface HeardReplica extends Replica {
  /** On the monotonic clock. */
  readonly heardAt: number;
}

const hello = z.object({
  id: z.string().max(100),
  host: z.string().max(300),
  version: z.string().max(100),
  since: z.number(),
  configuration: z.string().max(100),
  shards: z.string().regex(/^[\da-f]{64}$/),
});

/** As JSON, with the shards as the bits of a number in hexadecimal. */
export function writeReplica({ shards, ...replica }: Replica): string {
  const bits = shards.reduce((sum, shard) => sum | (1n << BigInt(shard)), 0n);
  return JSON.stringify({ ...replica, shards: bits.toString(16).padStart(shardCount / 4, "0") });
}

/** @returns undefined when it cannot be read: it is of another version, or somebody else writes there */
export function readReplica(json: string): Replica | undefined {
  try {
    const { shards, ...replica } = hello.parse(JSON.parse(json));
    const bits = BigInt(`0x${shards}`);
    return {
      ...replica,
      shards: Array.from({ length: shardCount }, (_, shard) => shard).filter((shard) => (bits >> BigInt(shard)) & 1n),
    };
  } catch {
    return undefined;
  }
}

/** How long after a silence of Redis those that were there before it may take to be heard again, in milliseconds. */
const returnMilliseconds = 1500;

/** In milliseconds. */
const forgottenMilliseconds = 3_600_000;

/** The replicas of a fleet, as far as they have been heard lately. */
export class Replicas {
  readonly #heard = new Map<string, HeardReplica>();
  readonly #leaseMilliseconds: number;

  readonly #silence: () => Silence | undefined;

  /**
   * @param leaseMilliseconds who is silent for so long is gone
   * @param silence the last time in which Redis gave no answer: nobody could be heard then
   */
  constructor(leaseMilliseconds: number, silence: () => Silence | undefined = () => undefined) {
    this.#leaseMilliseconds = leaseMilliseconds;
    this.#silence = silence;
  }

  hear(replica: Replica): void {
    this.#heard.set(replica.id, { ...replica, heardAt: performance.now() });
  }

  /** It has said that it leaves. */
  leave(id: string): void {
    this.#heard.delete(id);
  }

  /** Those that are there, by their hosts. */
  get present(): readonly HeardReplica[] {
    const now = performance.now();
    const silence = this.#silence();
    const couldSpeakAt = silence !== undefined && now - silence.to < returnMilliseconds ? silence.from : now;
    for (const [id, { heardAt }] of this.#heard) if (heardAt < now - forgottenMilliseconds) this.#heard.delete(id);
    return [...this.#heard.values()]
      .filter(({ heardAt }) => heardAt >= couldSpeakAt - this.#leaseMilliseconds)
      .toSorted((one, other) => one.host.localeCompare(other.host) || one.since - other.since);
  }

  /** How many shards a replica should hold: all of them together hold all, and none more than one more than another. */
  shareOf(id: string): number {
    const ids = [...new Set([...this.present.map((replica) => replica.id), id])].toSorted();
    const extra = shardCount % ids.length;
    return Math.floor(shardCount / ids.length) + (ids.indexOf(id) < extra ? 1 : 0);
  }

  /** How many different configurations they have. */
  get configurations(): number {
    return new Set(this.present.map(({ configuration }) => configuration)).size;
  }
}
