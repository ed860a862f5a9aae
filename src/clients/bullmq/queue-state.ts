import { HealthCheckError, ServiceUnavailable } from "../../health/errors.ts";
import type { RedisCommand } from "../redis/redis-connection.ts";
import { foreignRedis } from "../redis/redis-error.ts";

/** Which queue is meant. */
export interface QueueName {
  readonly queue: string;
  /** With which its keys begin. */
  readonly prefix: string;
}

/** What Redis knows of a queue. */
export interface QueueState {
  /** Whether a producer or a worker has ever made it. */
  readonly exists: boolean;
  readonly isPaused: boolean;
  /** How many jobs could begin at once. */
  readonly waiting: number;
  /** How many are kept that have failed for good. */
  readonly failed: number;
  /** For how many seconds the oldest job has been waiting; 0 when none is. */
  readonly oldestSeconds: number;
}

/**
 * Reads the keys of a queue (BullMQ 5 and 6; classes/queue-keys and commands/*.lua of the package have them).
 *
 * Not by a `Queue` of the package: that writes the key `meta` of whatever queue it is made for, asks by scripts, which may do anything
 * with all keys of a user who may run them, and goes on to reconnect by itself.
 */
export async function readQueue(ask: RedisCommand, name: QueueName): Promise<QueueState> {
  const key = (last: string): string => `${name.prefix}:${name.queue}:${last}`;
  const number = async (...words: readonly [string, ...string[]]): Promise<number> => {
    const reply = await ask(...words);
    if (typeof reply !== "number") throw foreignRedis();
    return reply;
  };
  // All at once, so that it takes no longer than one of them.
  const [made, paused, wait, pausedJobs, prioritized, failed, oldest] = await Promise.all([
    number("EXISTS", key("meta"), key("id")),
    number("HEXISTS", key("meta"), "paused"),
    number("LLEN", key("wait")),
    number("LLEN", key("paused")), // Where version 5 keeps what waits while the queue is paused.
    number("ZCARD", key("prioritized")),
    number("ZCARD", key("failed")),
    oldestCandidates(ask, key),
  ]);
  const since = await Promise.all(oldest.map((id) => waitingSince(ask, key(id))));
  const now = Date.now();
  return {
    exists: made > 0,
    isPaused: paused > 0,
    waiting: wait + pausedJobs + prioritized,
    failed,
    oldestSeconds: Math.max(0, ...since.map((moment) => (now - moment) / 1000)),
  };
}

/** How the score of a prioritized job is made: its priority times this, and a number that counts up. */
const priorityFactor = 2 ** 32;

/**
 * The jobs of which one has waited longest. Workers take them from the end of a list; but a job can be put there that comes last
 * (`lifo`), and one of a low priority may wait behind all others.
 */
async function oldestCandidates(ask: RedisCommand, key: (last: string) => string): Promise<readonly string[]> {
  const [lowest, ...ends] = await Promise.all([
    ask("ZRANGE", key("prioritized"), "-1", "-1", "WITHSCORES"),
    ask("LINDEX", key("wait"), "-1"),
    ask("LINDEX", key("wait"), "0"),
    ask("LINDEX", key("paused"), "-1"),
    ask("ZRANGE", key("prioritized"), "0", "0"),
  ]);
  const score = Number(textsIn(lowest)[1]);
  const lowestPriority = Math.floor(score / priorityFactor) * priorityFactor;
  const first = Number.isNaN(score)
    ? []
    : await ask("ZRANGEBYSCORE", key("prioritized"), String(lowestPriority), "+inf", "LIMIT", "0", "1");
  return [...new Set([...ends, first].flatMap(textsIn))];
}

/**
 * Since when a job waits, in milliseconds since the epoch: since it was made, or its delay was over, or it was tried the last time.
 * @returns infinity for a job that is no longer there
 */
async function waitingSince(ask: RedisCommand, jobKey: string): Promise<number> {
  const reply = await ask("HMGET", jobKey, "timestamp", "opts", "processedOn");
  const [timestamp, options, processedOn]: readonly unknown[] = Array.isArray(reply) ? reply : [];
  const made = typeof timestamp === "string" ? Number(timestamp) : Number.NaN;
  if (!Number.isFinite(made)) return Number.POSITIVE_INFINITY;
  const tried = Number(processedOn ?? 0);
  return Math.max(made + delayIn(options), Number.isFinite(tried) ? tried : 0);
}

/** The delay that a job was made with. Its own field for it says 0 as soon as it is over. */
function delayIn(options: unknown): number {
  try {
    const { delay }: { readonly delay?: unknown } = Object(JSON.parse(String(options)));
    return typeof delay === "number" && delay > 0 ? delay : 0;
  } catch {
    return 0; // What another program has written there.
  }
}

/**
 * Counts the workers of a queue: the connections of Redis' clients that have its name (classes/queue-getters of the package).
 * @throws ServiceUnavailable when the user may not see them
 */
export async function countWorkers(ask: RedisCommand, { queue, prefix }: QueueName): Promise<number> {
  const list = await ask("CLIENT", "LIST").catch((error: unknown) => {
    if (!(error instanceof HealthCheckError) || error.reason !== "authentication") throw error;
    const message = "the user lacks the permission for CLIENT LIST: grant +client|list, or give minWorkers: 0";
    throw new ServiceUnavailable(message, { reason: "authentication", cause: error });
  });
  if (typeof list !== "string") throw foreignRedis();
  const own = `${prefix}:${Buffer.from(queue).toString("base64")}`;
  const names = list.split("\n").map((line) => / name=(\S*)/.exec(line)?.[1] ?? "");
  return names.filter((name) => name === own || name.startsWith(`${own}:w:`)).length;
}

function textsIn(reply: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(reply) ? reply : [reply];
  return all.filter((one) => typeof one === "string");
}
