import { z } from "zod";
import { shardCount } from "./leases.ts";

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

/** The replicas of a fleet, as far as they have been heard lately. */
export class Replicas {
  readonly #heard = new Map<string, HeardReplica>();
  readonly #leaseMilliseconds: number;

  /** @param leaseMilliseconds who is silent for so long is gone */
  constructor(leaseMilliseconds: number) {
    this.#leaseMilliseconds = leaseMilliseconds;
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
    const earliest = performance.now() - this.#leaseMilliseconds;
    for (const [id, { heardAt }] of this.#heard) if (heardAt < earliest) this.#heard.delete(id);
    return [...this.#heard.values()].toSorted(
      (one, other) => one.host.localeCompare(other.host) || one.since - other.since,
    );
  }

  /** How many shards a replica should hold. */
  get share(): number {
    return Math.ceil(shardCount / Math.max(1, this.present.length));
  }

  /** How many different configurations they have. */
  get configurations(): number {
    return new Set(this.present.map(({ configuration }) => configuration)).size;
  }
}
