import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { type FakeCheck, fakeCheck } from "../support/checks.ts";
import { itWithService } from "../support/it-with-service.ts";
import { runningRedis } from "../support/redis-server.ts";
import { newFleetName, startReplica, type TestReplica } from "../support/replica.ts";

const redis = [await runningRedis()];
const patience = { timeout: 20_000, interval: 50 };
const endpoints = [{ path: "/health/" }];

describe("a reload on one replica while the other has the old configuration", () => {
  let opened: TestReplica[];
  beforeEach(() => {
    opened = [];
  });
  afterEach(async () => {
    for (const replica of opened) await replica.stop();
  });

  const some = (prefix: string, options = {}): readonly FakeCheck[] =>
    Array.from({ length: 12 }, (_, index) => fakeCheck({ name: `${prefix} ${index}`, interval: "3s", ...options }));
  const states = (replica: TestReplica, prefix: string): readonly string[] =>
    Object.entries(replica.states()).flatMap(([name, state]) => (name.startsWith(prefix) ? [state] : []));
  const isHeldBy = (replica: TestReplica, { name }: FakeCheck): boolean => replica.fleet.lockOf(name) !== undefined;

  async function startTwo(...checks: (readonly FakeCheck[])[]): Promise<readonly [TestReplica, TestReplica]> {
    const name = newFleetName();
    const [one, other] = [await startReplica(checks[0] ?? [], { name }), await startReplica(checks[1] ?? [], { name })];
    opened.push(one, other);
    await vi.waitFor(() => {
      expect([one, other].map(({ fleet }) => fleet.status.held.length)).toEqual([128, 128]);
      for (const replica of [one, other])
        expect(new Set(Object.values(replica.states()))).toEqual(new Set(["healthy"]));
    }, patience);
    return [one, other];
  }

  itWithService(redis, "runs added checks where their shards are known, and all others go on", async () => {
    const [one, other] = await startTwo(some("old"), some("old"));
    const since = other.monitor.reports().map((report) => report.since);
    const added = some("added");
    await one.monitor.replace([...one.monitor.checks, ...added], endpoints);
    const mine = added.filter((check) => isHeldBy(one, check));
    expect(mine.length).toBeGreaterThan(0);
    expect(mine.length).toBeLessThan(added.length);
    await vi.waitFor(() => {
      expect(added.filter(({ name }) => one.states()[name] === "healthy")).toEqual(mine);
    }, patience);
    expect(added.filter(({ runs }) => runs > 0)).toEqual(mine);
    await vi.waitFor(() => expect(other.fleet.status.configurations).toBe(2), patience);
    const addedThere = some("added");
    await other.monitor.replace([...other.monitor.checks, ...addedThere], endpoints);
    await vi.waitFor(() => {
      for (const replica of [one, other]) expect(states(replica, "added")).toEqual(Array(12).fill("healthy"));
    }, patience);
    expect(added.map(({ runs }, index) => runs > 0 !== (addedThere[index]?.runs ?? 0) > 0)).toEqual(
      Array(12).fill(true),
    );
    expect(states(one, "old")).toEqual(Array(12).fill("healthy"));
    expect(other.monitor.reports(some("old").map(({ name }) => name)).map((report) => report.since)).toEqual(since);
    await vi.waitFor(() => expect(other.fleet.status.configurations).toBe(1), patience);
  });

  itWithService(redis, "stops removed checks where they ran, and the other runs only its own", async () => {
    const [goneHere, goneThere] = [some("gone"), some("gone")];
    const [one, other] = await startTwo([...some("old"), ...goneHere], [...some("old"), ...goneThere]);
    await one.monitor.replace(
      one.monitor.checks.filter(({ name }) => name.startsWith("old")),
      endpoints,
    );
    const runs = goneHere.map((check) => check.runs);
    expect(states(one, "gone")).toEqual([]);
    // The other shows as unknown what nobody runs, and goes on with the rest.
    await vi.waitFor(() => {
      const expected = goneThere.map((check) => (isHeldBy(other, check) ? "healthy" : "unknown"));
      expect(new Set(expected).size).toBe(2);
      expect(states(other, "gone")).toEqual(expected);
    }, patience);
    expect(goneHere.map((check) => check.runs)).toEqual(runs);
    expect(states(other, "old")).toEqual(Array(12).fill("healthy"));
  });

  itWithService(redis, "keeps the state of changed checks, wherever they run", async () => {
    const [one, other] = await startTwo(some("orders"), some("orders"));
    const before = other.monitor.reports().map(({ since, transitions }) => ({ since, transitions }));
    const changed = some("orders", { timeout: "3s", failureThreshold: 2 });
    await one.monitor.replace(changed, endpoints);
    await vi.waitFor(() => {
      const here = changed.filter((check) => isHeldBy(one, check));
      expect(here.filter(({ runs }) => runs > 0)).toEqual(here);
    }, patience);
    for (const replica of [one, other]) {
      const after = replica.monitor.reports().map(({ since, transitions }) => ({ since, transitions }));
      expect(after).toMatchObject(before.map(({ since }) => ({ since })));
      expect(states(replica, "orders")).toEqual(Array(12).fill("healthy"));
    }
    expect([...one.changes(), ...other.changes()]).toHaveLength(12);
  });
});
