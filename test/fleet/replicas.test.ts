import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Silence } from "../../src/fleet/redis-link.ts";
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

  it.each([1, 2, 3, 5, 7, 256, 300])(
    "that are %i hold all shards together, and none two more than another",
    (count) => {
      const replicas = new Replicas(3000);
      const ids = Array.from({ length: count }, (_, index) => `${index}`);
      for (const id of ids) replicas.hear({ ...replica, id });
      const shares = ids.map((id) => replicas.shareOf(id));
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(256);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    },
  );

  it("hold all shards when only one is there, although it has not heard itself yet", () => {
    expect(new Replicas(3000).shareOf("a")).toBe(256);
  });

  it("are still there after a silence of Redis, until they had the time to speak", () => {
    let silence: Silence | undefined;
    const replicas = new Replicas(3000, () => silence);
    replicas.hear(replica);
    replicas.hear({ ...replica, id: "b", host: "pod-b" });
    const from = performance.now();
    vi.advanceTimersByTime(20_000);
    silence = { from, to: performance.now() };
    replicas.hear(replica);
    expect(replicas.present.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(replicas.shareOf("a")).toBe(128);
    vi.advanceTimersByTime(1500);
    expect(replicas.present.map(({ id }) => id)).toEqual(["a"]);
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
