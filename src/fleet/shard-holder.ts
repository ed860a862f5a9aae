import type { Logger } from "../health/logger.ts";
import type { Leases } from "./leases.ts";
import type { Replicas } from "./replicas.ts";

/** How many shards are taken in one turn. */
const takenAtOnce = 64;

/** … and how many are asked for together, since each answer takes its time. */
const takenTogether = 16;

/** For how long shards are taken in one turn, in leases: those that are held must be renewed meanwhile. */
const longestTaking = 0.125;

/** What a shard holder works with. */
export interface ShardHolderOptions {
  /** The identifier of this one. */
  readonly replica: string;
  readonly leases: Leases;
  readonly replicas: Replicas;
  readonly leaseMilliseconds: number;
  readonly logger: Logger;
  /** Whether Redis answers. */
  readonly isConnected: () => boolean;
  /** Begins to run a shard that has been taken. When it fails, the shard is given back. */
  readonly begin: (shard: number) => Promise<void>;
  /** Ends the runs of a shard, and writes what they found while it is still held. */
  readonly end: (shard: number) => Promise<void>;
  /** Ends the runs of a shard that is not held any more: what they found counts for nothing. */
  readonly lost: (shard: number) => void;
}

/** Holds this replica's share of the shards. */
export class ShardHolder {
  readonly #options: ShardHolderOptions;
  /** Each with the moment until which it is held, on the monotonic clock. */
  readonly #until = new Map<number, number>();
  #lostCount = 0;
  #renewedAt = 0;
  #offeredAt = Number.NEGATIVE_INFINITY;
  #tooManySince: number | undefined;
  #isLeaving = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: ShardHolderOptions) {
    this.#options = options;
  }

  get held(): readonly number[] {
    return [...this.#until.keys()].toSorted((one, other) => one - other);
  }

  /** How many shards were lost since the start, rather than given back. */
  get lostCount(): number {
    return this.#lostCount;
  }

  holds(shard: number): boolean {
    return (this.#until.get(shard) ?? 0) > performance.now();
  }

  /** Stops what it holds no longer, without asking anybody. To be called all the time, also while a turn waits for an answer. */
  expire(): void {
    const now = performance.now();
    const expired = [...this.#until].filter(([, until]) => until <= now).map(([shard]) => shard);
    this.#lose(expired, "Redis gave no answer for the length of a lease");
  }

  /** Somebody else holds a shard. */
  refused(shard: number): void {
    this.#lose([shard], "another replica has taken them, or Redis has been emptied");
  }

  /** Renews what is held, and takes or gives back what is too few or too many. One turn follows the other. */
  turn(): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      if (this.#isLeaving || !this.#options.isConnected()) return;
      try {
        await this.#renew();
        await this.#adjust();
      } catch {
        // Redis gave no answer: the connection's own errors are logged where they come.
      }
    });
    return this.#turn;
  }

  /** Gives everything back. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    await this.#turn;
    await this.#giveBack(this.held);
  }

  async #renew(): Promise<void> {
    const { leases, leaseMilliseconds } = this.#options;
    const startedAt = performance.now();
    if (startedAt - this.#renewedAt >= leaseMilliseconds / 4) await this.#renewHeld(startedAt);
    if (startedAt - this.#offeredAt <= Math.max(30_000, 4 * leaseMilliseconds)) return;
    await leases.offer();
    this.#offeredAt = startedAt;
  }

  async #renewHeld(startedAt: number): Promise<void> {
    const { leases, leaseMilliseconds } = this.#options;
    const { held } = this;
    const lost = new Set(await leases.renew(held));
    this.#renewedAt = startedAt;
    for (const shard of held) {
      if (!lost.has(shard) && this.#until.has(shard)) this.#until.set(shard, startedAt + leaseMilliseconds);
    }
    this.#lose([...lost], "another replica has taken them, or Redis has been emptied");
  }

  async #adjust(): Promise<void> {
    const { replica, replicas, leaseMilliseconds } = this.#options;
    const surplus = this.#until.size - replicas.shareOf(replica);
    if (surplus <= 0) {
      this.#tooManySince = undefined;
      if (surplus < 0) await this.#take(Math.min(-surplus, takenAtOnce));
      return;
    }
    this.#tooManySince ??= performance.now();
    if (performance.now() - this.#tooManySince < leaseMilliseconds / 2) return;
    this.#tooManySince = undefined;
    await this.#giveBack(this.held.slice(-surplus));
  }

  async #take(count: number): Promise<void> {
    const { leases, leaseMilliseconds, begin, logger } = this.#options;
    const taken: number[] = [];
    const giveUpAt = performance.now() + longestTaking * leaseMilliseconds;
    while (taken.length < count && !this.#isLeaving && performance.now() < giveUpAt) {
      const startedAt = performance.now();
      const wanted = Math.min(takenTogether, count - taken.length);
      const answers = await Promise.allSettled(Array.from({ length: wanted }, () => leases.take()));
      // When Redis gave no answer for some, the others are held all the same.
      const shards = answers.flatMap((answer) => (answer.status === "fulfilled" ? (answer.value ?? []) : []));
      for (const shard of shards) this.#until.set(shard, startedAt + leaseMilliseconds);
      taken.push(...shards);
      if (shards.length < wanted) break;
    }
    // Together, because each has to ask what is known of its checks.
    await Promise.all(
      taken.map(async (shard) => {
        try {
          await begin(shard);
        } catch {
          await this.#giveBack([shard]); // Redis did not say what it knows of it.
        }
      }),
    );
    if (taken.length > 0)
      logger.info({ shards: taken.length, held: this.#until.size }, `took ${taken.length} shards of the fleet`);
  }

  async #giveBack(shards: readonly number[]): Promise<void> {
    const { leases, end, lost } = this.#options;
    await Promise.all(
      shards.map(async (shard) => {
        await end(shard);
        if (!this.#until.delete(shard)) return;
        lost(shard);
        await leases.giveBack(shard).catch(() => {}); // Then its lease ends by itself.
      }),
    );
  }

  #lose(shards: readonly number[], why: string): void {
    const lost = shards.filter((shard) => this.#until.delete(shard));
    if (lost.length === 0) return;
    this.#lostCount += lost.length;
    this.#offeredAt = Number.NEGATIVE_INFINITY; // Redis may have been emptied meanwhile.
    for (const shard of lost) this.#options.lost(shard);
    const details = { shards: lost.length, held: this.#until.size };
    this.#options.logger.warn(details, `lost ${lost.length} shards of the fleet: ${why}`);
  }
}
