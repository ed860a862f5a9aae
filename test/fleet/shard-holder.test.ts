import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Leases, shardCount } from "../../src/fleet/leases.ts";
import { Replicas } from "../../src/fleet/replicas.ts";
import { ShardHolder } from "../../src/fleet/shard-holder.ts";
import { rememberingLogger } from "../support/logs.ts";

const leaseMilliseconds = 4000;

/** Leases in memory, that answer as they are told. */
class FakeLeases implements Leases {
  offered = 0;
  free = Array.from({ length: shardCount }, (_, shard) => shard);
  /** What is refused when it is renewed next. */
  lost: number[] = [];
  renewals: (readonly number[])[] = [];
  returned: number[] = [];
  /** After so many shards there is no answer. */
  silentAfter = Number.POSITIVE_INFINITY;
  /** How long a renewal takes, and taking one shard, in milliseconds. */
  renewalMilliseconds = 0;
  takeMilliseconds = 0;

  lockOf = (shard: number) => ({ key: `lock ${shard}`, token: "token" });
  close = () => Promise.resolve();

  async offer(): Promise<void> {
    this.offered += 1;
  }

  async take(): Promise<number | undefined> {
    if (this.silentAfter === 0) throw new Error("Redis gave no answer");
    this.silentAfter -= 1;
    vi.advanceTimersByTime(this.takeMilliseconds);
    return this.free.shift();
  }

  async renew(shards: readonly number[]): Promise<readonly number[]> {
    this.renewals.push(shards);
    vi.advanceTimersByTime(this.renewalMilliseconds);
    return this.lost.splice(0);
  }

  async giveBack(shard: number): Promise<void> {
    this.returned.push(shard);
  }
}

function holderOf({ others = 0 } = {}) {
  const leases = new FakeLeases();
  const replicas = new Replicas(1_000_000_000);
  const common = { host: "host", version: "1", since: 0, configuration: "c", shards: [] };
  for (let index = 0; index <= others; index += 1) replicas.hear({ ...common, id: `replica ${index}` });
  const begun: number[] = [];
  const ended: number[] = [];
  const lost: number[] = [];
  const state = { isConnected: true, begins: true };
  const logger = rememberingLogger();
  const holder = new ShardHolder({
    ...{ replica: "replica 0", leases, replicas, leaseMilliseconds, logger },
    isConnected: () => state.isConnected,
    begin: async (shard) => {
      if (!state.begins) throw new Error("Redis gave no answer");
      begun.push(shard);
    },
    end: async (shard) => void ended.push(shard),
    lost: (shard) => void lost.push(shard),
  });
  /** Several turns, as time goes by. */
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) {
      vi.advanceTimersByTime(500);
      await holder.turn();
      holder.expire();
    }
  };
  return { leases, replicas, holder, begun, ended, lost, state, logger, turns, common };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a replica that is alone", () => {
  it("offers all shards, takes all of them a few at a time, and begins each once", async () => {
    const { leases, holder, begun, turns } = holderOf();
    await turns(1);
    expect([leases.offered, begun.length]).toEqual([1, 64]);
    await turns(4);
    expect(begun.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: shardCount }, (_, shard) => shard),
    );
    expect(holder.held).toHaveLength(shardCount);
  });

  it("does nothing while Redis does not answer", async () => {
    const { leases, state, turns } = holderOf();
    state.isConnected = false;
    await turns(3);
    expect([leases.offered, leases.free.length]).toEqual([0, shardCount]);
  });

  it("begins the shards that it took before Redis stopped answering", async () => {
    const { leases, holder, begun, turns } = holderOf();
    leases.silentAfter = 10;
    await turns(1);
    expect(holder.held).toHaveLength(10);
    expect(begun).toHaveLength(10);
  });

  it("renews what it holds while it takes more from a Redis that is slow", async () => {
    const { leases, holder, turns } = holderOf();
    leases.takeMilliseconds = 100; // All of them take more than six leases.
    await turns(40);
    expect([holder.held.length, holder.lostCount]).toEqual([shardCount, 0]);
  });

  it("gives a shard back that it cannot begin", async () => {
    const { leases, holder, state, turns } = holderOf();
    state.begins = false;
    leases.free = [7];
    await turns(1);
    expect([holder.held, leases.returned]).toEqual([[], [7]]);
  });
});

describe("the lease of a shard", () => {
  it("is renewed each quarter of its length, for all at once", async () => {
    const { leases, turns } = holderOf();
    await turns(20);
    const whole = leases.renewals.filter((shards) => shards.length === shardCount);
    expect(whole.length).toBeGreaterThanOrEqual(6);
    expect(leases.renewals.length).toBeLessThanOrEqual(10);
  });

  it("ends by itself when it is not renewed, without asking anybody, and its shard is ended once", async () => {
    const { holder, lost, logger, turns } = holderOf();
    await turns(5);
    vi.advanceTimersByTime(leaseMilliseconds + 1);
    expect(holder.holds(3)).toBe(false);
    holder.expire();
    holder.expire();
    expect([holder.held, lost.length, holder.lostCount]).toEqual([[], shardCount, shardCount]);
    expect(logger.lines.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
      "lost 256 shards of the fleet: Redis gave no answer for the length of a lease",
    ]);
  });

  it("that has ended by itself offers the shards anew: Redis may have been away because it was restarted", async () => {
    const { leases, holder, turns } = holderOf();
    await turns(5);
    vi.advanceTimersByTime(leaseMilliseconds + 1);
    holder.expire();
    await turns(1);
    expect(leases.offered).toBe(2);
  });

  it("counts from when its renewal was asked for, not from when the answer came", async () => {
    const { leases, holder, turns } = holderOf();
    await turns(5);
    leases.renewalMilliseconds = 1500;
    await turns(2);
    vi.advanceTimersByTime(leaseMilliseconds - 1500 + 1);
    expect(holder.holds(3)).toBe(false);
  });

  it("is not revived by a renewal whose answer comes after it has expired", async () => {
    const { leases, holder, lost, turns } = holderOf();
    await turns(5);
    leases.free = [];
    const { renew } = leases;
    leases.renew = async (shards) => {
      vi.advanceTimersByTime(leaseMilliseconds + 1);
      holder.expire();
      return renew.call(leases, shards);
    };
    await turns(2);
    expect([holder.held, lost.length]).toEqual([[], shardCount]);
  });

  it("that is refused when it is renewed ends its shard, and the shards are offered anew", async () => {
    const { leases, holder, lost, turns } = holderOf();
    await turns(5);
    leases.lost = [3, 4];
    await turns(2);
    expect(lost).toEqual([3, 4]);
    expect(holder.holds(3)).toBe(false);
    expect(leases.offered).toBe(2);
  });

  it("that is refused when something is written offers the shards anew: Redis may have been emptied", async () => {
    const { leases, holder, lost, turns } = holderOf();
    await turns(5);
    for (const shard of holder.held) holder.refused(shard);
    expect(lost).toHaveLength(shardCount);
    await turns(1);
    expect(leases.offered).toBe(2);
  });
});

describe("the share of a replica", () => {
  it("is taken, and no more", async () => {
    const { holder, turns } = holderOf({ others: 2 });
    await turns(6);
    expect(holder.held).toHaveLength(86);
  });

  it("becomes smaller half a lease after another has come: what is too much is ended, then given back", async () => {
    const { leases, replicas, holder, ended, lost, turns, common } = holderOf();
    await turns(5);
    replicas.hear({ ...common, id: "another" });
    await turns(3);
    expect(holder.held).toHaveLength(shardCount);
    await turns(3);
    expect(holder.held).toHaveLength(128);
    expect(ended).toHaveLength(128);
    expect(leases.returned.toSorted()).toEqual(ended.toSorted());
    expect(lost.toSorted()).toEqual(ended.toSorted()); // Which drops what could not be written.
    expect(holder.lostCount).toBe(0);
  });

  it("is given back whole when it leaves, and nothing is taken after that", async () => {
    const { leases, holder, turns } = holderOf();
    await turns(5);
    await holder.leave();
    leases.free = [1, 2, 3];
    await turns(3);
    expect([holder.held, leases.returned.length, leases.free]).toEqual([[], shardCount, [1, 2, 3]]);
  });
});
