import { createClient } from "redis";
import { describe, expect, vi } from "vitest";
import { BullmqLeases } from "../../src/fleet/bullmq-leases.ts";
import { shardCount } from "../../src/fleet/leases.ts";
import { RedisLink } from "../../src/fleet/redis-link.ts";
import { ConnectionUrl } from "../../src/health/secret.ts";
import { itWithService } from "../support/it-with-service.ts";
import { redisProgram, startRedis } from "../support/redis-server.ts";

const services = [redisProgram];

/** The leases of one replica in a Redis of their own. */
async function openLeases(port: number, leaseMilliseconds = 3000) {
  const link = new RedisLink(createClient, new ConnectionUrl(`redis://127.0.0.1:${port}`), () => {});
  const leases = await BullmqLeases.open(link, { prefix: "{healthspan:test}", leaseMilliseconds, failed: () => {} });
  const takeAll = async (): Promise<readonly number[]> => {
    const taken: number[] = [];
    for (;;) {
      const shard = await leases.take();
      if (shard === undefined) return taken.toSorted((one, other) => one - other);
      taken.push(shard);
    }
  };
  return {
    ...{ leases, takeAll },
    [Symbol.asyncDispose]: async () => {
      await leases.close();
      link.close();
    },
  };
}

const all = Array.from({ length: shardCount }, (_, shard) => shard);

describe("leases of BullMQ", () => {
  itWithService(services, "can each be taken once, and again when they have been given back", async () => {
    await using redis = await startRedis();
    await using one = await openLeases(redis.port);
    await using other = await openLeases(redis.port);
    await vi.waitFor(() => one.leases.offer());
    await other.leases.offer();
    expect(await one.takeAll()).toEqual(all);
    expect(await other.takeAll()).toEqual([]);
    await one.leases.giveBack(7);
    expect(await other.takeAll()).toEqual([7]);
    expect(await one.leases.renew([6, 7])).toEqual([7]);
  });

  itWithService(services, "can be taken again when Redis was killed and has come back empty", async () => {
    const redis = await startRedis();
    await using one = await openLeases(redis.port);
    await vi.waitFor(() => one.leases.offer());
    expect(await one.takeAll()).toEqual(all);
    await redis[Symbol.asyncDispose]();
    await using _empty = await startRedis({ port: redis.port });
    await vi.waitFor(() => one.leases.offer());
    expect(await one.leases.renew([3])).toEqual([3]);
    expect(await one.takeAll()).toEqual(all);
  });

  itWithService(services, "that come when nobody waits for them any more are given back", async () => {
    await using redis = await startRedis();
    await using one = await openLeases(redis.port, 60_000); // None ends by itself meanwhile.
    await vi.waitFor(() => one.leases.offer());
    redis.process.kill("SIGSTOP");
    await expect(one.leases.take()).rejects.toThrow("Redis gave no answer");
    redis.process.kill("SIGCONT");
    await vi.waitFor(async () => {
      expect(await redis.ask("LLEN", "{healthspan:test}:shards:wait")).toBe(String(shardCount));
    });
    expect(await one.takeAll()).toEqual(all);
  });
});
