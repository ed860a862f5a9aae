import { randomUUID } from "node:crypto";
import { z } from "zod";
import { ServiceReturnedUnexpectedResult } from "../health/errors.ts";
import { codeObject, duration } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { networkFields, warnOfSlowness } from "../net/network-fields.ts";

/** Any store of values by keys. What its methods give is awaited. */
export interface CacheStore {
  get(key: string): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: stores differ in what comes third
  set(key: string, value: string, ...others: any[]): unknown;
  delete?(key: string): unknown;
  del?(key: string): unknown;
}

/**
 * Stores a value by the program's own cache, reads it and deletes it: in code only.
 *
 * The store is anything with `get`, `set`, and `delete` or `del`: Keyv, cache-manager, lru-cache, a client of Redis. Each run uses a
 * key of its own, `keyPrefix` and a random identifier, and leaves nothing behind.
 *
 * ```ts
 * new HealthMonitor([new Cache({ store: new Keyv(new KeyvRedis("redis://cache:6379")), interval: "15s" })]);
 * ```
 */
export class Cache extends healthCheck({
  group: "code",
  settings: {
    store: codeObject<CacheStore>(
      "store, in code",
      isStore,
      "must be given in code: an object with the methods get, set, and delete or del",
    ).describe("The program's own cache."),
    keyPrefix: z.string().default("healthspan:").describe("What the key begins with."),
    ttl: duration()
      .prefault("5s")
      .describe(
        "When the value expires should the program end before it deletes it. The third argument of set, in milliseconds, as Keyv and cache-manager take it. 0s: there is none, for stores that take something else (ioredis).",
      ),
    maxResponseTime: networkFields.maxResponseTime.describe("Warns when all of it takes longer."),
  },
}) {
  static readonly mainThreadOnly = "its store belongs to the program that made it";

  async run(): Promise<void> {
    const startedAt = performance.now();
    const store = this.store();
    const key = `${this.keyPrefix}${randomUUID()}`;
    const value = randomUUID();
    const { milliseconds } = this.ttl;
    let found: unknown;
    try {
      await (milliseconds > 0 ? store.set(key, value, milliseconds) : store.set(key, value));
      found = await store.get(key);
    } finally {
      await (store.delete?.(key) ?? store.del?.(key));
    }
    if (found === undefined || found === null) throw unexpected("the cache does not have what was just stored");
    if (String(found) !== value) throw unexpected("the cache gave another value than was just stored");
    warnOfSlowness(performance.now() - startedAt, this);
  }
}

function unexpected(message: string): ServiceReturnedUnexpectedResult {
  return new ServiceReturnedUnexpectedResult(message, { reason: "assertion" });
}

function isStore(value: unknown): boolean {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const members = value as Readonly<Record<string, unknown>>; // Whose values are looked at one by one.
  const has = (name: string): boolean => typeof members[name] === "function";
  return has("get") && has("set") && (has("delete") || has("del"));
}
