import { describe, expect, it, vi } from "vitest";
import { shardOf } from "../../src/fleet/fixed-shards.ts";
import { shardCount } from "../../src/fleet/leases.ts";
import { Mirror } from "../../src/fleet/mirror.ts";
import { News } from "../../src/fleet/news.ts";
import { writeRecord } from "../../src/fleet/record.ts";
import type { KeptRecord, NewsEntry } from "../../src/fleet/redis-records.ts";
import { Replicas, writeReplica } from "../../src/fleet/replicas.ts";
import { aRecord } from "../support/check-records.ts";

const at = 1_800_000_000_000;
const shard = shardOf("orders", shardCount);

/** News from a Redis that holds one record, and whose reads of shards can be made to fail. */
function newNews() {
  const entries: (readonly NewsEntry[] | undefined)[] = [];
  const state = { readable: Number.POSITIVE_INFINITY };
  const kept = new Map<string, KeptRecord>();
  const replicas = new Replicas(10_000);
  const mirror = new Mirror("me", () => {});
  const failed = vi.fn<(error: unknown) => void>();
  const warn = vi.fn<(kind: string, message: string) => void>();
  const left = vi.fn<() => void>();
  const news = new News({
    link: { redisNow: at },
    records: {
      isReady: true,
      news: async () => {
        while (entries.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        return entries.shift();
      },
      recordsOf: async (of) => {
        if (state.readable <= 0) throw new Error("Socket closed");
        state.readable -= 1;
        return of === shard ? kept : new Map();
      },
    },
    ...{ mirror, replicas, left },
    texts: { load: async () => {}, hear: () => {} },
    trouble: { failed, warn },
  });
  const { head, past } = writeRecord({ record: aRecord("orders"), by: "other", sequence: 1 }, 0);
  kept.set("orders", { at, json: `[${head},${past}]` });
  const hello = (id: string): NewsEntry => ({
    at,
    fields: {
      kind: "hello",
      replica: writeReplica({ id, host: id, version: "1", since: 0, configuration: "c", shards: [] }),
    },
  });
  const headOnly: NewsEntry = { at: at + 500, fields: { shard: String(shard), records: `[[${head}]]` } };
  return { news, entries, state, mirror, replicas, failed, warn, left, hello, headOnly };
}

describe("the news", () => {
  it("are loaded once all that Redis holds has been read", async () => {
    const { news, entries, mirror } = newNews();
    void news.read();
    entries.push(undefined);
    await news.loaded;
    expect([news.isLoaded, mirror.size]).toEqual([true, 1]);
    news.close();
  });

  it("are loaded in spite of a connection that was lost while they were being read", async () => {
    const { news, entries, state, mirror, failed } = newNews();
    state.readable = 3;
    void news.read();
    entries.push(undefined);
    await vi.waitFor(() => expect(failed).toHaveBeenCalled());
    expect(news.isLoaded).toBe(false);
    state.readable = Number.POSITIVE_INFINITY;
    entries.push([]);
    await news.loaded;
    expect(mirror.size).toBe(1);
    news.close();
  });

  it("lose nothing when a shard could not be read whose record was incomplete", async () => {
    const { news, entries, state, mirror, replicas, failed, hello, headOnly } = newNews();
    void news.read();
    entries.push(undefined);
    await news.loaded;
    mirror.forgetOld(shard, [], Number.POSITIVE_INFINITY);
    state.readable = 0;
    entries.push([headOnly, hello("b")]);
    await vi.waitFor(() => expect(failed).toHaveBeenCalled());
    mirror.forgetOld(shard, [], Number.POSITIVE_INFINITY);
    state.readable = Number.POSITIVE_INFINITY;
    entries.push([hello("c")]);
    await vi.waitFor(() => expect(replicas.present.map(({ id }) => id)).toEqual(["c"]));
    expect(mirror.size).toBe(1);
    news.close();
  });

  it("say who is there, who has left, and what could not be read", async () => {
    const { news, entries, replicas, warn, left, hello } = newNews();
    void news.read();
    entries.push(undefined, [hello("a"), hello("b"), { at, fields: { kind: "hello", replica: "{}" } }]);
    await vi.waitFor(() => expect(replicas.present.map(({ id }) => id)).toEqual(["a", "b"]));
    entries.push([
      { at, fields: { kind: "bye", by: "a" } },
      { at, fields: { shard: "0", records: "[7]" } },
    ]);
    await vi.waitFor(() => expect(warn).toHaveBeenCalledWith("unreadable", expect.stringContaining("1 records")));
    expect(replicas.present.map(({ id }) => id)).toEqual(["b"]);
    expect(left).toHaveBeenCalledOnce();
    news.close();
  });
});
