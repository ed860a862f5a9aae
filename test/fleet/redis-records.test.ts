import { randomUUID } from "node:crypto";
import { createClient } from "redis";
import { afterEach, describe, expect, vi } from "vitest";
import { writeRecord } from "../../src/fleet/record.ts";
import { RedisLink } from "../../src/fleet/redis-link.ts";
import { RedisRecords } from "../../src/fleet/redis-records.ts";
import { ConnectionUrl } from "../../src/health/secret.ts";
import { aRecord } from "../support/check-records.ts";
import { itWithService } from "../support/it-with-service.ts";
import { redisUrl, runningRedis } from "../support/redis-server.ts";
import { suspend } from "../support/suspend.ts";

const redis = [await runningRedis()];
const { now } = performance;
let stack = new AsyncDisposableStack();

/** The records of a fleet of its own, and a client that looks on. */
async function newRecords() {
  const prefix = `{healthspan:${randomUUID()}}`;
  const client = createClient({ url: redisUrl });
  client.on("error", () => {}); // The test fails of what it asks.
  await client.connect();
  const link = new RedisLink(createClient, new ConnectionUrl(redisUrl), () => {});
  const records = new RedisRecords(link, prefix, "me");
  stack.defer(async () => {
    link.close();
    const keys = await client.keys(`${prefix}*`);
    if (keys.length > 0) await client.del(keys);
    client.destroy();
  });
  await vi.waitFor(() => expect(records.isReady).toBe(true));
  const lock = { key: `${prefix}:lock`, token: "mine" };
  await client.set(lock.key, "mine");
  const commit = (name: string, latest = Date.now() + 60_000, isPastKnown = false) =>
    records.commit(
      7,
      lock,
      [{ name, isPastKnown, ...writeRecord({ record: aRecord(name), by: "me", sequence: 1 }, 0) }],
      latest,
    );
  return { prefix, client, link, records, lock, commit, newsKey: `${prefix}:news` };
}

afterEach(async () => {
  performance.now = now;
  await stack.disposeAsync();
  stack = new AsyncDisposableStack();
});

describe("a commit", () => {
  itWithService(redis, "writes the records and the news in one step, with the time of Redis", async () => {
    const { client, link, records, commit, newsKey } = await newRecords();
    const committed = await commit("orders");
    expect(committed).toEqual({ at: expect.any(Number) });
    const kept = await records.recordsOf(7);
    expect([...kept.keys()]).toEqual(["orders"]);
    expect({ at: kept.get("orders")?.at }).toEqual(committed);
    expect(await client.xLen(newsKey)).toBe(1);
    expect(link.isConnected).toBe(true);
  });

  itWithService(
    redis,
    "leaves a past out of the news that the readers have, and never out of what is kept",
    async () => {
      const { client, records, commit, newsKey } = await newRecords();
      await commit("orders", undefined, true);
      const [entry] = (await client.xRange(newsKey, "-", "+")) ?? [];
      expect(JSON.parse(entry?.message.records ?? "")).toHaveLength(1);
      expect(JSON.parse(entry?.message.records ?? "")[0]).toHaveLength(1);
      expect(JSON.parse((await records.recordsOf(7)).get("orders")?.json ?? "")).toHaveLength(2);
    },
  );

  itWithService(redis, "is refused, and writes nothing, when another replica or none holds the lock", async () => {
    const { client, records, lock, commit, newsKey } = await newRecords();
    await client.set(lock.key, "another's");
    expect(await commit("orders")).toBe("refused");
    await client.del(lock.key);
    expect(await commit("orders")).toBe("refused");
    expect([(await records.recordsOf(7)).size, await client.exists(newsKey)]).toEqual([0, 0]);
  });

  itWithService(redis, "that arrives after its latest moment writes nothing, although the lock is held", async () => {
    const { client, link, records, commit, newsKey } = await newRecords();
    expect(await commit("orders", Date.now() - 1)).toBe("late");
    expect([(await records.recordsOf(7)).size, await client.exists(newsKey)]).toEqual([0, 0]);
    expect(link.isConnected).toBe(false);
  });

  itWithService(
    redis,
    "that was sent before Redis stopped for longer than the silence that is borne is late",
    async () => {
      const { client, link, records, commit } = await newRecords();
      await records.tell({ kind: "hello" });
      const latest = link.latestMoment;
      await client.sendCommand(["CLIENT", "PAUSE", "1700", "WRITE"]);
      expect(await commit("orders", latest)).toBe("late");
    },
  );

  itWithService(redis, "of a name that looks like anything else keeps it as it is", async () => {
    const { records, commit } = await newRecords();
    const name = "a\"b\\c ü' {x} %s";
    await commit(name);
    expect([...(await records.recordsOf(7)).keys()]).toEqual([name]);
    await records.forget(7, [name]);
    expect((await records.recordsOf(7)).size).toBe(0);
  });
});

describe("the news", () => {
  itWithService(redis, "begin with the order to read everything, and go on from then without a gap", async () => {
    const { records, commit } = await newRecords();
    await commit("before");
    expect(await records.news()).toBeUndefined();
    await commit("after");
    await records.tell({ kind: "bye" });
    const news = await records.news();
    expect(news?.map(({ fields }) => fields.kind ?? fields.shard)).toEqual(["7", "bye"]);
    expect(news?.map(({ fields }) => fields.by)).toEqual(["me", "me"]);
  });

  itWithService(redis, "are none when nothing has happened, which is no gap", async () => {
    const { records } = await newRecords();
    await records.tell({ kind: "hello" });
    await records.news();
    expect(await records.news()).toEqual([]);
    suspend(10_000);
    expect(await records.news()).toEqual([]);
  });

  itWithService(redis, "have a gap when the oldest is newer than the last one that was read", async () => {
    const { client, records, newsKey } = await newRecords();
    await records.tell({ kind: "hello" });
    await records.news();
    await records.tell({ kind: "hello" });
    await records.tell({ kind: "hello" });
    await client.xTrim(newsKey, "MAXLEN", 1);
    suspend(10_000);
    expect(await records.news()).toBeUndefined();
    await records.tell({ kind: "bye" });
    expect((await records.news())?.length).toBe(1);
  });

  itWithService(redis, "have a gap when Redis was emptied, or has lost the last that was read", async () => {
    const { client, records, newsKey } = await newRecords();
    await records.tell({ kind: "hello" });
    await records.news();
    await client.del(newsKey);
    suspend(10_000);
    expect(await records.news()).toBeUndefined();
    await client.xAdd(newsKey, "5-1", { kind: "hello" });
    await records.news();
    await client.del(newsKey);
    await client.xAdd(newsKey, "4-1", { kind: "hello" });
    suspend(20_000);
    expect(await records.news()).toBeUndefined();
  });
});
