import { createClient } from "redis";
import { describe, expect, it } from "vitest";
import { Cache, type CacheStore } from "../../src/checks/cache.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { redisProgram, startRedis } from "../support/redis-server.ts";
import { runCheck } from "../support/run-check.ts";

type Options = NonNullable<ConstructorParameters<typeof Cache>[0]>;

async function resultOf(options: Options) {
  const { state, failure } = await runCheck(new Cache(options));
  return { state, failure };
}

/** A store that remembers what was done with it. */
function recording(values: Partial<CacheStore> = {}) {
  const calls: unknown[][] = [];
  const map = new Map<string, string>();
  const store = {
    get: (key: string) => map.get(key),
    set: (...given: unknown[]) => {
      calls.push(given);
      map.set(String(given[0]), String(given[1]));
    },
    delete: async (key: string) => map.delete(key),
    ...values,
  };
  return { store, map, calls };
}

describe("Cache", () => {
  describeCheck(Cache, { options: { store: new Map<string, string>() } });

  itWithService([redisProgram], "leaves nothing in a cache that works", async () => {
    await using server = await startRedis();
    const client = createClient({ url: `redis://127.0.0.1:${server.port}` });
    await client.connect();
    try {
      expect(await resultOf({ store: client })).toMatchObject({ state: "healthy" });
      expect(await server.ask("DBSIZE")).toBe("0");
      expect(await server.ask("INFO", "commandstats")).toMatch(/cmdstat_set:calls=1,/);
    } finally {
      client.destroy();
    }
  });

  it("stores under a key of its own each time, for five seconds", async () => {
    const { store, calls, map } = recording();
    const check = new Cache({ store, keyPrefix: "shop:" });
    for (let run = 0; run < 2; run += 1) expect(await runCheck(check)).toMatchObject({ state: "healthy" });
    expect(calls).toEqual([1, 2].map(() => [expect.stringMatching(/^shop:[0-9a-f-]{36}$/), expect.any(String), 5000]));
    expect(new Set(calls.map(([key]) => key)).size).toBe(2);
    expect(map.size).toBe(0);
  });

  it("gives set no third argument when it is told to", async () => {
    const { store, calls } = recording();
    await resultOf({ store, ttl: "0s" });
    expect(calls).toEqual([[expect.any(String), expect.any(String)]]);
  });

  it.each([
    [undefined, "the cache does not have what was just stored"],
    [null, "the cache does not have what was just stored"],
    ["other", "the cache gave another value than was just stored"],
  ])("is unhealthy when it reads %o, and deletes all the same", async (value, message) => {
    const { store, map } = recording({ get: async () => value });
    expect(await resultOf({ store })).toMatchObject({
      state: "unhealthy",
      failure: { kind: "Unexpected Result", reason: "assertion", message },
    });
    expect(map.size).toBe(0);
  });

  it("deletes what it has stored when it cannot be read", async () => {
    const { store, map } = recording({ get: () => Promise.reject(new Error("gone")) });
    expect(await resultOf({ store })).toMatchObject({ state: "unhealthy", failure: { message: "unknown error" } });
    expect(map.size).toBe(0);
  });

  it("reads bytes as the text that they are", async () => {
    const { store, map } = recording();
    const bytes = { ...store, get: async (key: string) => Buffer.from(map.get(key) ?? "") };
    expect(await resultOf({ store: bytes })).toMatchObject({ state: "healthy" });
  });

  it("warns when it takes too long", async () => {
    const { store } = recording({ delete: () => new Promise((resolve) => setTimeout(resolve, 50)) });
    expect(await resultOf({ store, maxResponseTime: "10ms" })).toMatchObject({ state: "degraded" });
  });

  it.each([{}, { store: {} }, { store: { get() {}, set() {} } }])("refuses %o", (options) => {
    expect(() => new Cache(options as Options)).toThrow("store: must be given in code: an object with the methods get");
  });
});
