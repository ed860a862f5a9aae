import { describe, expect, it } from "vitest";
import { Disk } from "../../src/checks/disk.ts";
import { Tcp } from "../../src/checks/tcp.ts";
import { checksOfShard, shardOf } from "../../src/fleet/fixed-shards.ts";
import { HealthCheck } from "../../src/health/health-check.ts";

function tcp(name: string, ...dependsOn: readonly string[]): HealthCheck {
  return new Tcp({ name, host: "db.example", port: 5432, dependsOn: [...dependsOn] });
}

function namesOf(checks: readonly HealthCheck[], shard: number, of: number): readonly string[] {
  return checksOfShard(checks, { shard, of }).map(({ name }) => name);
}

describe("the shard of a check", () => {
  // Another version that computes another number would run a check twice, or nowhere, during an update.
  it.each([
    ["orders", 4, 3],
    ["payments", 4, 1],
    ["zahlungen-ü", 4, 2],
    ["orders", 256, 219],
  ])("of %j among %i is always %i", (name, of, shard) => {
    expect(shardOf(name, of)).toBe(shard);
  });

  it("is as likely as any other", () => {
    const shards = Array.from({ length: 10_000 }, (_, index) => shardOf(`check-${index}`, 4));
    const counts = [0, 1, 2, 3].map((shard) => shards.filter((each) => each === shard).length);
    for (const count of counts) expect(Math.abs(count - 2500)).toBeLessThan(150);
  });
});

describe("fixed shards", () => {
  const checks = Array.from({ length: 100 }, (_, index) => tcp(`check-${index}`));

  it.each([1, 2, 3, 4, 7])("run each check exactly once when there are %i", (of) => {
    const run = Array.from({ length: of }, (_, shard) => namesOf(checks, shard, of)).flat();
    expect(run.toSorted()).toEqual(checks.map(({ name }) => name).toSorted());
  });

  it("keep the order of the checks", () => {
    const order = checks.map(({ name }) => name);
    const held = namesOf(checks, 0, 3);
    expect(held).toEqual(order.filter((name) => held.includes(name)));
  });

  it("run what a check depends on, however far away, in each shard that needs it", () => {
    const chain = [tcp("network"), tcp("database", "network"), tcp("shop", "database")];
    const shard = shardOf("shop", 4);
    expect(namesOf(chain, shard, 4)).toEqual(["network", "database", "shop"]);
    const network = shardOf("network", 4);
    expect(namesOf(chain, network, 4)).toContain("network");
  });

  it("each run the checks of the replica's own host", () => {
    const withDisk = [...checks, new Disk({ name: "disk" })];
    for (const shard of [0, 1, 2, 3]) expect(namesOf(withDisk, shard, 4)).toContain("disk");
  });

  it("each run a check that is to run everywhere, and none of the host that is not", () => {
    const sidecar = new Tcp({ name: "sidecar", host: "localhost", port: 8126, everywhere: true });
    const shared = new Disk({ name: "shared", everywhere: false });
    const held = [0, 1, 2, 3].map((shard) => namesOf([sidecar, shared], shard, 4));
    expect(held.filter((names) => names.includes("sidecar"))).toHaveLength(4);
    expect(held.filter((names) => names.includes("shared"))).toHaveLength(1);
  });

  it("take a check of a program's own class as any other", () => {
    class Own extends HealthCheck {
      run(): void {}
    }
    const own = [new Own({ name: "own" })];
    const runs = [0, 1, 2, 3].filter((shard) => namesOf(own, shard, 4).length === 1);
    expect(runs).toEqual([shardOf("own", 4)]);
  });
});
