import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Replica, Replicas, readReplica, writeReplica } from "../../src/fleet/replicas.ts";

const replica: Replica = {
  id: "a",
  host: "pod-a",
  version: "1.2.3",
  since: 1000,
  configuration: "abc",
  shards: [0, 1, 7, 128, 255],
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("what a replica says of itself", () => {
  it.each([[[]], [[0]], [[255]], [[0, 1, 7, 128, 255]], [Array.from({ length: 256 }, (_, shard) => shard)]])(
    "is read as it was written, with the shards %j",
    (shards) => {
      expect(readReplica(writeReplica({ ...replica, shards }))).toEqual({ ...replica, shards });
    },
  );

  it("is short, however many shards it holds", () => {
    const shards = Array.from({ length: 256 }, (_, shard) => shard);
    expect(writeReplica({ ...replica, shards })).toHaveLength(writeReplica({ ...replica, shards: [] }).length);
  });

  it.each([
    "",
    "no JSON",
    "{}",
    writeReplica(replica).replace('"pod-a"', "7"),
    writeReplica(replica).replace(/"shards":"./, '"shards":"x'),
    JSON.stringify({ ...replica, shards: "1", host: "x" }),
    JSON.stringify({ ...replica, shards: "0".repeat(64), id: "x".repeat(101) }),
  ])("is not %j", (json) => {
    expect(readReplica(json)).toBeUndefined();
  });
});

describe("the replicas of a fleet", () => {
  it("are those that have been heard within a lease, by their hosts", () => {
    const replicas = new Replicas(3000);
    replicas.hear({ ...replica, id: "b", host: "pod-b" });
    vi.advanceTimersByTime(2000);
    replicas.hear(replica);
    expect(replicas.present.map(({ id }) => id)).toEqual(["a", "b"]);
    vi.advanceTimersByTime(1001);
    expect(replicas.present.map(({ id }) => id)).toEqual(["a"]);
  });

  it("are fewer at once when one says that it leaves", () => {
    const replicas = new Replicas(3000);
    replicas.hear(replica);
    replicas.hear({ ...replica, id: "b" });
    replicas.leave("a");
    expect(replicas.present.map(({ id }) => id)).toEqual(["b"]);
  });

  it.each([
    [0, 256],
    [1, 256],
    [2, 128],
    [3, 86],
    [256, 1],
    [300, 1],
  ])("that are %i hold at most %i shards each", (count, share) => {
    const replicas = new Replicas(3000);
    for (let index = 0; index < count; index += 1) replicas.hear({ ...replica, id: `${index}` });
    expect(replicas.share).toBe(share);
  });

  it("have as many configurations as differ", () => {
    const replicas = new Replicas(3000);
    for (const [id, configuration] of [
      ["a", "x"],
      ["b", "x"],
      ["c", "y"],
    ] as const) {
      replicas.hear({ ...replica, id, configuration });
    }
    expect(replicas.configurations).toBe(2);
  });
});
