import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { shardOf } from "../../src/fleet/fixed-shards.ts";
import { shardCount } from "../../src/fleet/leases.ts";
import { Mirror, type TookRecord } from "../../src/fleet/mirror.ts";
import { type StampedRecord, writeRecord } from "../../src/fleet/record.ts";
import { aRecord, aTransition } from "../support/check-records.ts";

const redisNow = 1_800_000_000_000;

/** As the news have it. */
function inNews(stamped: StampedRecord, { age = 0, isPastKnown = false } = {}): string {
  const { head, past } = writeRecord(stamped, age);
  return `[${isPastKnown ? `[${head}]` : `[${head},${past}]`}]`;
}

/** As a hash has it. */
function kept(at: number, stamped: StampedRecord, age = 0) {
  const { head, past } = writeRecord(stamped, age);
  return new Map([[stamped.record.name, { at, json: `[${head},${past}]` }]]);
}

function newMirror() {
  const took = vi.fn<TookRecord>();
  return { mirror: new Mirror("me", took), took };
}

const shard = shardOf("orders", shardCount);
const found = (sequence: number, by = "other", state: "healthy" | "unhealthy" = "healthy"): StampedRecord => ({
  record: aRecord("orders", state),
  by,
  sequence,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the mirror", () => {
  it("takes what another replica has written, as old as it was and as the news are", () => {
    const { mirror, took } = newMirror();
    vi.advanceTimersByTime(60_000);
    mirror.takeNews(inNews(found(1), { age: 300 }), redisNow - 2000, redisNow);
    expect(mirror.find("orders")).toMatchObject({ by: "other", renewedAt: performance.now() - 2300 });
    expect(took).toHaveBeenCalledExactlyOnceWith("orders", undefined, { isOwn: false, isNews: true });
  });

  it("does not take a record younger than it is when its own clock and that of Redis differ a little", () => {
    const { mirror } = newMirror();
    mirror.takeNews(inNews(found(1)), redisNow + 20, redisNow);
    expect(mirror.find("orders")?.renewedAt).toBe(performance.now());
  });

  it("takes each record once, whether it comes by the answer or by the news first", () => {
    const { mirror, took } = newMirror();
    mirror.takeOwn(found(1, "me"), 0, redisNow);
    mirror.takeNews(inNews(found(1, "me")), redisNow, redisNow);
    mirror.takeNews(inNews(found(2, "me")), redisNow + 500, redisNow);
    mirror.takeOwn(found(2, "me"), 0, redisNow + 500);
    expect(took.mock.calls.map(([, , options]) => options)).toEqual([
      { isOwn: true, isNews: true },
      { isOwn: true, isNews: true },
    ]);
  });

  it("is not turned back by news that were written before what it knows already", () => {
    const { mirror, took } = newMirror();
    mirror.takeShard(shard, kept(redisNow, found(7)), redisNow);
    mirror.takeOwn(found(1, "me", "unhealthy"), performance.now(), redisNow + 400);
    mirror.takeNews(inNews(found(7)), redisNow, redisNow + 600);
    expect(mirror.find("orders")).toMatchObject({ by: "me", record: { state: "unhealthy" } });
    expect(took).toHaveBeenCalledTimes(2);
  });

  it("keeps the past of a record when the news leave it out", () => {
    const { mirror } = newMirror();
    const past = { transitions: [aTransition("unhealthy")], recent: [] };
    const with_ = { ...found(1), record: { ...aRecord("orders"), past } };
    mirror.takeNews(inNews(with_), redisNow, redisNow);
    const result = mirror.takeNews(inNews(found(2), { isPastKnown: true }), redisNow + 500, redisNow);
    expect(result).toEqual({ unreadable: 0, isIncomplete: false });
    expect(mirror.find("orders")?.record.past.transitions).toEqual(past.transitions);
  });

  it("says that a past is missing when it does not know the record before", () => {
    const { mirror } = newMirror();
    const result = mirror.takeNews(inNews(found(2), { isPastKnown: true }), redisNow, redisNow);
    expect(result.isIncomplete).toBe(true);
  });

  it("counts what cannot be read, and takes the rest", () => {
    const { mirror } = newMirror();
    const good = inNews(found(1)).slice(1, -1);
    expect(mirror.takeNews(`[${good},[{"name":1}],7]`, redisNow, redisNow).unreadable).toBe(2);
    expect(mirror.find("orders")).toBeDefined();
    expect(mirror.takeNews("no JSON", redisNow, redisNow).unreadable).toBe(1);
  });
});

describe("the mirror that reads what Redis holds of a shard", () => {
  it("takes it as old as it is, and as nothing new", () => {
    const { mirror, took } = newMirror();
    vi.advanceTimersByTime(60_000);
    const { missing } = mirror.takeShard(shard, kept(redisNow - 5000, found(1), 200), redisNow);
    expect(mirror.find("orders")?.renewedAt).toBe(performance.now() - 5200);
    expect(took).toHaveBeenCalledExactlyOnceWith("orders", undefined, { isOwn: false, isNews: false });
    expect(missing).toEqual([]);
  });

  it("keeps what it knows when Redis has lost the last of it, and says so", () => {
    const { mirror } = newMirror();
    mirror.takeNews(inNews(found(9, "other", "unhealthy")), redisNow, redisNow);
    const { missing } = mirror.takeShard(shard, kept(redisNow - 1000, found(8)), redisNow);
    expect(missing).toEqual(["orders"]);
    expect(mirror.find("orders")?.record.state).toBe("unhealthy");
  });

  it("says of everything that it is missing when Redis was emptied", () => {
    const { mirror } = newMirror();
    mirror.takeNews(inNews(found(9)), redisNow, redisNow);
    expect(mirror.takeShard(shard, new Map(), redisNow).missing).toEqual(["orders"]);
  });

  it("takes what is newer than it knows", () => {
    const { mirror } = newMirror();
    mirror.takeNews(inNews(found(1)), redisNow - 9000, redisNow - 9000);
    const { missing } = mirror.takeShard(shard, kept(redisNow, found(2, "third", "unhealthy")), redisNow);
    expect([missing, mirror.find("orders")?.by]).toEqual([[], "third"]);
  });

  it("counts what it cannot read, and does not take it for missing", () => {
    const { mirror } = newMirror();
    const { missing, unreadable } = mirror.takeShard(shard, new Map([["x", { at: redisNow, json: "[]" }]]), redisNow);
    expect([missing, unreadable]).toEqual([[], 1]);
  });

  it("forgets what is old of checks that are no more", () => {
    const { mirror } = newMirror();
    mirror.takeNews(inNews(found(1)), redisNow, redisNow);
    mirror.forgetOld(shard, [], redisNow);
    mirror.forgetOld(shard, ["orders"], redisNow + 1);
    mirror.forgetOld(shard + 1, [], redisNow + 1);
    expect(mirror.find("orders")).toBeDefined();
    mirror.forgetOld(shard, [], redisNow + 1);
    expect([mirror.find("orders"), mirror.size, [...mirror.namesOf(shard)]]).toEqual([undefined, 0, []]);
  });
});
