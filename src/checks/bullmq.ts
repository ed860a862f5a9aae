import { z } from "zod";
import { queueFailure } from "../clients/bullmq/queue-expectations.ts";
import { countWorkers, readQueue } from "../clients/bullmq/queue-state.ts";
import {
  RedisAccess,
  redisAccessIssue,
  redisAddressFields,
  redisConnectionFields,
  redisLoginFields,
} from "../clients/redis/redis-access.ts";
import type { RedisCommand } from "../clients/redis/redis-connection.ts";
import { duration } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { optionalImport } from "../health/optional-import.ts";
import type { Target } from "../health/target.ts";

const count = z.int().min(0);

/** A server tells some 400 bytes of each of its connections, of which it takes 10,000 unless it is told otherwise. */
const maxClientListMebibytes = 16;

/**
 * Looks at a queue of BullMQ in its Redis: workers take jobs from it, few jobs wait, none for long, and few have failed. Nothing is
 * written.
 *
 * That a worker is connected does not show that it works: one that is stuck shows in `maxJobAge` alone, when jobs wait behind the one that
 * it holds. A job waits since it was made, since its delay was over, or since it was tried the last time. Failed jobs count while the queue
 * keeps them (`removeOnFail`). A queue that is paused is a warning.
 *
 * The user has to read the keys of the queue, and to see the connections of the server, which tell how many workers there are:
 * `ACL SETUSER probe on >PASSWORD ~bull:mail:* +ping +exists +hexists +hmget +llen +lindex +zcard +zrange +zrangebyscore +client|list`.
 * With `minWorkers: 0`, workers are not counted, and the last right is not needed. In a cluster, the node that has the queue must be
 * given, and only the workers count that are connected to it.
 *
 * ```yaml
 * checks:
 *   mail: { type: bullmq, url: "redis://probe:${REDIS_PASSWORD}@redis.shop.example", queue: mail, maxJobAge: 5m, maxFailed: 20 }
 *   reports: { type: bullmq, sentinels: [sentinel-1, sentinel-2, sentinel-3], masterName: mymaster, queue: reports, minWorkers: 2, maxWaiting: 1000 }
 * ```
 */
export class Bullmq extends healthCheck({
  group: "messaging",
  labels: {
    queue: z
      .string()
      .regex(/^[^:]+$/, "must be the name of a queue, which has no colon")
      .describe("The name of the queue."),
    prefix: z
      .string()
      .min(1)
      .default("bull")
      .describe("With what the keys of the queue begin in Redis: its option prefix."),
    ...redisAddressFields,
  },
  settings: {
    ...redisLoginFields,
    minWorkers: count
      .default(1)
      .describe("Warns when fewer workers are connected; with none, the check is unhealthy. 0: nobody counts them."),
    maxWaiting: count
      .optional()
      .describe("Warns when more jobs wait, those with a priority included; not those that are delayed."),
    maxJobAge: duration().optional().describe("Warns when a job has been waiting for longer."),
    maxFailed: count.optional().describe("Warns when the queue keeps more failed jobs."),
    ...redisConnectionFields,
  },
  measures: {
    workers: { unit: "{worker}", description: "How many workers are connected." },
    waiting: { unit: "{job}", description: "How many jobs wait, those with a priority included." },
    failed: { unit: "{job}", description: "How many failed jobs the queue keeps." },
    oldestJobAge: {
      unit: "s",
      description: "How long the job has been waiting that waits longest; 0 when none waits.",
    },
  },
  validate: (options) => redisAccessIssue(options),
}) {
  static readonly module = import.meta.url;
  readonly #access = new RedisAccess(
    this,
    optionalImport(this.type, "redis", () => import("redis")),
    { maxAnswerMebibytes: maxClientListMebibytes },
  );

  async run(signal: AbortSignal): Promise<void> {
    await this.#access.use(signal, (ask) => this.#examine(ask));
  }

  override close(): void {
    this.#access.close();
  }

  override get target(): Target {
    return { system: "bullmq", ...this.#access.target, destination: this.queue };
  }

  async #examine(ask: RedisCommand): Promise<void> {
    const [state, workers] = await Promise.all([
      readQueue(ask, this),
      this.minWorkers === 0 ? undefined : countWorkers(ask, this),
    ]);
    this.measure("waiting", state.waiting);
    this.measure("failed", state.failed);
    this.measure("oldestJobAge", state.oldestSeconds);
    if (workers !== undefined) this.measure("workers", workers);
    const failure = queueFailure(this, state, workers, this);
    if (failure !== undefined) throw failure;
  }
}
