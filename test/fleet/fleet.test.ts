import { describe, expect, vi } from "vitest";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import { type FakeCheck, fakeCheck } from "../support/checks.ts";
import { itWithService } from "../support/it-with-service.ts";
import { runningRedis } from "../support/redis-server.ts";
import { newFleetName, startReplica } from "../support/replica.ts";

const redis = [await runningRedis()];
const names = Array.from({ length: 20 }, (_, index) => `check ${index}`);
const someChecks = (action?: FakeCheck["action"]) => names.map((name) => fakeCheck({ name, interval: "3s" }, action));
const all = (state: string) => Object.fromEntries(names.map((name) => [name, state]));
const runsOf = (checks: readonly FakeCheck[]) => checks.reduce((sum, { runs }) => sum + runs, 0);

describe("the replicas of a fleet", () => {
  itWithService(
    redis,
    "share the checks: each is run by one of them, and all of them know what was found",
    async () => {
      const name = newFleetName();
      const [ofOne, ofOther] = [someChecks(), someChecks()];
      await using one = await startReplica(ofOne, { name });
      await using other = await startReplica(ofOther, { name });
      await vi.waitFor(() => expect([one.states(), other.states()]).toEqual([all("healthy"), all("healthy")]));
      await vi.waitFor(() => expect([one, other].map(({ fleet }) => fleet.status.held.length)).toEqual([128, 128]));
      const [before, beforeOther] = [ofOne, ofOther].map((checks) => checks.map(({ runs }) => runs));
      const ranBefore = runsOf(ofOne) + runsOf(ofOther);
      await vi.waitFor(() => expect(runsOf(ofOne) + runsOf(ofOther)).toBeGreaterThan(ranBefore + 2 * names.length));
      const ran = names.map((_, index) => [
        (ofOne[index]?.runs ?? 0) > (before?.[index] ?? 0),
        (ofOther[index]?.runs ?? 0) > (beforeOther?.[index] ?? 0),
      ]);
      expect(ran.filter(([here, there]) => here && there)).toEqual([]);
    },
  );

  itWithService(redis, "tell a change of state once, under one identifier", async () => {
    const name = newFleetName();
    let isDown = false;
    const action = () => {
      if (isDown) throw new ServiceUnavailable("gone");
    };
    await using one = await startReplica(someChecks(action), { name });
    await using other = await startReplica(someChecks(action), { name });
    await vi.waitFor(() => expect([one.states(), other.states()]).toEqual([all("healthy"), all("healthy")]));
    isDown = true;
    await vi.waitFor(() => expect([one.states(), other.states()]).toEqual([all("unhealthy"), all("unhealthy")]));
    const told = [...one.changes(), ...other.changes()].filter((message) => message.endsWith("gone"));
    expect(told.toSorted()).toEqual(names.map((check) => `${check}: Unavailable: gone`).toSorted());
    const [ofOne, ofOther] = [one, other].map(({ monitor }) =>
      monitor.reports().map(({ transitions }) => transitions.map(({ at, from, to }) => ({ at, from, to }))),
    );
    expect(ofOne).toEqual(ofOther);
    expect(ofOne?.map((transitions) => transitions.length)).toEqual(names.map(() => 2));
  });

  itWithService(redis, "take over what one of them gives back when it stops, as if nothing had happened", async () => {
    const name = newFleetName();
    await using one = await startReplica(someChecks(), { name });
    const other = await startReplica(someChecks(), { name });
    await vi.waitFor(() => expect([one.states(), other.states()]).toEqual([all("healthy"), all("healthy")]));
    const before = one.monitor.reports().map(({ since }) => since);
    await other.stop();
    await vi.waitFor(() => expect(one.fleet.status.held.length).toBe(256));
    expect(one.states()).toEqual(all("healthy"));
    expect(one.monitor.reports().map(({ since }) => since)).toEqual(before);
    expect(one.changes().filter((message) => !message.endsWith(": OK"))).toEqual([]);
  });
});
