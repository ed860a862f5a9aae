import { describe, expect, vi } from "vitest";
import { shardOf } from "../../src/fleet/fixed-shards.ts";
import { fakeCheck } from "../support/checks.ts";
import { itWithService } from "../support/it-with-service.ts";
import { runningRedis } from "../support/redis-server.ts";
import { newFleetName, startReplica } from "../support/replica.ts";

const redis = [await runningRedis()];
const why = "no replica that runs its shard has this check in its configuration";
const old = Array.from({ length: 12 }, (_, index) => `check ${index}`);
const added = Array.from({ length: 12 }, (_, index) => `added ${index}`);
const checks = (names: readonly string[]) => names.map((name) => fakeCheck({ name, interval: "3s" }));

describe("a check that only some replicas have in their configuration", () => {
  itWithService(
    redis,
    "says so where its shard is held by another, and runs where its shard is held here",
    async () => {
      const name = newFleetName();
      await using one = await startReplica(checks(old), { name });
      await using other = await startReplica(checks([...old, ...added]), { name });
      await vi.waitFor(() => expect([one, other].map(({ fleet }) => fleet.status.held.length)).toEqual([128, 128]));
      await vi.waitFor(() => {
        // What replicas say of what they hold is up to a beat old.
        const expected = Object.fromEntries(
          added.map((check) => [check, other.fleet.holderOf(check)?.id === one.fleet.status.replica ? why : undefined]),
        );
        expect(new Set(Object.values(expected)).size).toBe(2);
        const told = other.monitor.reports(added).map(({ check, failure }) => [check.name, failure?.message]);
        expect(Object.fromEntries(told)).toEqual(expected);
      });
      expect(other.monitor.reports(old).map(({ state }) => state)).toEqual(old.map(() => "healthy"));
    },
  );

  itWithService(redis, "says so also when what was known of it has grown old", async () => {
    const name = newFleetName();
    // Who gives shards back begins with the highest, so that the first replica keeps this one.
    const gone = added.find((check) => shardOf(check, 256) < 100) ?? "";
    await using one = await startReplica(checks([gone]), { name });
    await vi.waitFor(() => expect(one.states()).toEqual({ [gone]: "healthy" }));
    await using other = await startReplica(checks([...old, gone]), { name });
    await one.monitor.replace(checks(old).slice(0, 1), [{ path: "/health/", checks: [old[0] ?? ""] }]);
    await vi.waitFor(() => expect(other.monitor.reports([gone])[0]?.failure?.message).toBe(why), { timeout: 9000 });
    expect(other.fleet.holderOf(gone)?.id).toBe(one.fleet.status.replica);
  });
});
