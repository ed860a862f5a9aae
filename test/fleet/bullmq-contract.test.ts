import { randomUUID } from "node:crypto";
import { type Job, Queue, Worker } from "bullmq";
import { createClient } from "redis";
import { afterEach, describe, expect } from "vitest";
import { itWithService } from "../support/it-with-service.ts";
import { redisUrl, runningRedis } from "../support/redis-server.ts";
import { waitFor } from "../support/wait-for.ts";

// What a lease of a shard rests on: one long-lived job a shard, whose lock is the lease. A version of BullMQ that changes any of
// this must not be taken unnoticed.

const redis = [await runningRedis()];
let stack = new AsyncDisposableStack();
const leaseMilliseconds = 1500;
const shards = ["s0", "s1", "s2"];

async function connect() {
  const client = createClient({ url: redisUrl });
  client.on("error", () => {}); // The test fails of what it asks.
  await client.connect();
  stack.defer(() => client.close());
  return client;
}

/** A queue with one job a shard, in a prefix of its own. */
async function queueOfShards() {
  const client = await connect();
  const prefix = `{healthspan:${randomUUID()}}`;
  const queue = new Queue("shards", { connection: client, prefix });
  const add = () => queue.addBulk(shards.map((jobId) => ({ name: "shard", data: {}, opts: { jobId } })));
  await add();
  stack.defer(async () => {
    await queue.obliterate({ force: true });
    await queue.close();
  });
  const replica = async (): Promise<Worker> => {
    const worker = new Worker("shards", null, {
      connection: await connect(),
      prefix,
      autorun: false,
      lockDuration: leaseMilliseconds,
      stalledInterval: leaseMilliseconds / 4,
      maxStalledCount: 2 ** 31 - 1,
    });
    worker.on("error", () => {});
    await worker.startStalledCheckTimer();
    stack.defer(() => worker.close(true));
    return worker;
  };
  const lockOf = (id: string) => client.get(`${prefix}:shards:${id}:lock`);
  return { client, prefix, queue, add, replica, lockOf };
}

async function take(worker: Worker, token: string): Promise<Job | undefined> {
  return (await worker.getNextJob(token, { block: false })) ?? undefined;
}

afterEach(async () => {
  await stack.disposeAsync();
  stack = new AsyncDisposableStack();
});

describe("a job of BullMQ as a lease", () => {
  itWithService(redis, "exists once, however often it is added", async () => {
    const { queue, add } = await queueOfShards();
    await add();
    expect(await queue.getJobCounts("waiting", "active")).toEqual({ waiting: 3, active: 0 });
  });

  itWithService(
    redis,
    "is locked by the token of who has fetched it, under a known key, for the time asked for",
    async () => {
      const { client, prefix, replica, lockOf } = await queueOfShards();
      const job = await take(await replica(), "token-a");
      const id = job?.id ?? "none";
      expect(shards).toContain(id);
      expect(await lockOf(id)).toBe("token-a");
      const left = await client.pTTL(`${prefix}:shards:${id}:lock`);
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(leaseMilliseconds);
    },
  );

  itWithService(redis, "is fetched by nobody else, and nobody waits for one when there is none", async () => {
    const { replica } = await queueOfShards();
    const [one, other] = [await replica(), await replica()];
    const held = [await take(one, "a"), await take(other, "b"), await take(one, "a")].map((job) => job?.id);
    expect(held.toSorted()).toEqual(shards);
    expect(await take(other, "b")).toBeUndefined();
  });

  itWithService(redis, "is renewed for its holder, and who is refused is told for which", async () => {
    const { replica } = await queueOfShards();
    const worker = await replica();
    const [first = "", second = ""] = [await take(worker, "a"), await take(worker, "a")].map((job) => job?.id);
    expect(await worker.extendJobLocks([first, second], ["a", "a"], leaseMilliseconds)).toEqual([]);
    expect(await worker.extendJobLocks([first, second], ["a", "b"], leaseMilliseconds)).toEqual([second]);
  });

  itWithService(redis, "is given back at once, without its lock", async () => {
    const { queue, replica, lockOf } = await queueOfShards();
    const job = await take(await replica(), "a");
    await job?.moveToWait("a");
    expect(await lockOf(job?.id ?? "none")).toBeNull();
    expect(await queue.getJobCounts("waiting", "active")).toEqual({ waiting: 3, active: 0 });
  });

  itWithService(redis, "goes to another once it is not renewed, and its former holder is refused", async () => {
    const { queue, replica, lockOf } = await queueOfShards();
    const [gone, other] = [await replica(), await replica()];
    for (const _ of shards) await take(gone, "gone");
    await gone.close(true);
    await waitFor(async () => expect(await queue.getWaitingCount()).toBe(3));
    const id = (await take(other, "other"))?.id ?? "none";
    expect(await lockOf(id)).toBe("other");
    expect(await other.extendJobLocks([id], ["gone"], leaseMilliseconds)).toEqual([id]);
    expect(await lockOf(id)).toBe("other");
  });

  itWithService(redis, "never fails for good, however often its holders die", async () => {
    const { queue, replica } = await queueOfShards();
    const other = await replica();
    for (let death = 0; death < 3; death += 1) {
      const dying = await replica();
      for (const _ of shards) await take(dying, `dying ${death}`);
      await dying.close(true);
      await waitFor(async () => expect(await queue.getWaitingCount()).toBe(3));
    }
    expect(await queue.getFailedCount()).toBe(0);
    expect(await take(other, "other")).toBeDefined();
  });

  itWithService(redis, "comes back when Redis has been emptied, by being added again", async () => {
    const { client, prefix, queue, add, replica } = await queueOfShards();
    const worker = await replica();
    await take(worker, "a");
    const keys = await client.keys(`${prefix}*`);
    await client.del(keys);
    expect(await queue.getJobCounts("waiting", "active")).toEqual({ waiting: 0, active: 0 });
    await add();
    expect((await take(worker, "a"))?.id).toBeDefined();
  });
});
