import { randomUUID } from "node:crypto";
import type { Job, Queue, Worker } from "bullmq";
import { answerOf } from "./answer-of.ts";
import { type Leases, shardCount } from "./leases.ts";
import type { RedisLink } from "./redis-link.ts";

const queueName = "shards";
const idOf = (shard: number): string => `s${shard}`;

/**
 * Leases as jobs of BullMQ: one job a shard, without data, that never ends. Who has fetched it holds its lock, and the lock is the
 * lease. When it is not renewed, BullMQ's check for stalled jobs puts it back. Nothing else of BullMQ is used, and
 * `test/fleet/bullmq-contract.test.ts` says what exactly.
 */
export class BullmqLeases implements Leases {
  readonly #queue: Queue;
  readonly #worker: Worker;
  readonly #token = randomUUID();
  readonly #prefix: string;
  readonly #leaseMilliseconds: number;
  readonly #jobs = new Map<number, Job>();

  /** @throws Error when the package is not installed */
  static async open(
    link: RedisLink,
    {
      prefix,
      leaseMilliseconds,
      failed,
    }: {
      readonly prefix: string;
      readonly leaseMilliseconds: number;
      readonly failed: (error: Error) => void;
    },
  ): Promise<BullmqLeases> {
    const { Queue, Worker } = await import("bullmq");
    const queue = new Queue(queueName, { connection: link.open(), prefix, skipVersionCheck: true });
    const worker = new Worker(queueName, null, {
      connection: link.open(),
      prefix,
      autorun: false,
      skipVersionCheck: true,
      lockDuration: leaseMilliseconds,
      // A lost lease is noticed at the second check.
      stalledInterval: leaseMilliseconds / 8,
      maxStalledCount: 2 ** 31 - 1,
    });
    queue.on("error", failed);
    worker.on("error", failed);
    void worker.startStalledCheckTimer();
    return new BullmqLeases(queue, worker, { prefix, leaseMilliseconds });
  }

  private constructor(
    queue: Queue,
    worker: Worker,
    options: { readonly prefix: string; readonly leaseMilliseconds: number },
  ) {
    this.#queue = queue;
    this.#worker = worker;
    this.#prefix = options.prefix;
    this.#leaseMilliseconds = options.leaseMilliseconds;
  }

  lockOf(shard: number) {
    return { key: `${this.#prefix}:${queueName}:${idOf(shard)}:lock`, token: this.#token };
  }

  async offer(): Promise<void> {
    // A Redis that was restarted has forgotten the scripts of BullMQ, which loads one anew when it adds one job, but not several.
    await answerOf(this.#queue.add("shard", {}, { jobId: idOf(0) }));
    const others = Array.from({ length: shardCount - 1 }, (_, index) => idOf(index + 1));
    await answerOf(this.#queue.addBulk(others.map((jobId) => ({ name: "shard", data: {}, opts: { jobId } }))));
  }

  async take(): Promise<number | undefined> {
    const fetching = this.#worker.getNextJob(this.#token, { block: false });
    const job = await answerOf(fetching).catch((error: unknown) => {
      void this.#giveBackLate(fetching);
      throw error;
    });
    if (job === undefined || job === null) return undefined;
    const shard = Number(job.id?.slice(1));
    this.#jobs.set(shard, job);
    return shard;
  }

  /** A job that comes after nobody waits for it any more would be held by nobody until its lease ends. */
  async #giveBackLate(fetching: Promise<Job | undefined | null>): Promise<void> {
    try {
      const job = await fetching;
      const isHeld = this.#jobs.has(Number(job?.id?.slice(1)));
      if (job !== undefined && job !== null && !isHeld) await job.moveToWait(this.#token);
    } catch {
      // There is no connection: then its lease ends by itself.
    }
  }

  async renew(shards: readonly number[]): Promise<readonly number[]> {
    if (shards.length === 0) return [];
    const tokens = shards.map(() => this.#token);
    const refused = await answerOf(this.#worker.extendJobLocks(shards.map(idOf), tokens, this.#leaseMilliseconds));
    const lost = refused.map((id) => Number(id.slice(1)));
    for (const shard of lost) this.#jobs.delete(shard);
    return lost;
  }

  async giveBack(shard: number): Promise<void> {
    const job = this.#jobs.get(shard);
    this.#jobs.delete(shard);
    if (job !== undefined) await answerOf(job.moveToWait(this.#token));
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#worker.close(true), this.#queue.close()].map(answerOf));
  }
}
