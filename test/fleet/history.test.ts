import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import type { EmbeddedHistory } from "../../src/store/embedded-history.ts";
import { openHistory } from "../../src/store/open-history.ts";
import { fakeCheck } from "../support/checks.ts";
import { itWithService } from "../support/it-with-service.ts";
import { rememberingLogger } from "../support/logs.ts";
import { runningRedis } from "../support/redis-server.ts";
import { newFleetName, startReplica } from "../support/replica.ts";

const redis = [await runningRedis()];
const patience = { timeout: 20_000, interval: 100 };

describe("the history of a fleet", () => {
  let name: string;
  let isDown: boolean;
  const ends: (() => Promise<void>)[] = [];
  beforeEach(() => {
    name = newFleetName();
    isDown = false;
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  async function start() {
    const history = await openHistory({ logger: rememberingLogger() });
    const check = fakeCheck({ name: "orders", interval: "1s" }, () => {
      if (isDown) throw new ServiceUnavailable("gone");
    });
    const replica = await startReplica([check], { name, history });
    ends.push(replica.stop, () => history.close());
    return { history, replica, check };
  }

  const incidentsOf = (history: EmbeddedHistory) => history.incidents({ checks: ["orders"], limit: 10 });
  const countsOf = async (history: EmbeddedHistory) => {
    const buckets = (await history.buckets(["orders"], "24h")).get("orders") ?? [];
    const sum = (count: (bucket: (typeof buckets)[number]) => number) =>
      buckets.reduce((total, bucket) => total + count(bucket), 0);
    return {
      runs: sum(({ runs }) => runs),
      failures: sum(({ failures }) => failures),
      downSeconds: sum(({ seconds }) => seconds.unhealthy),
      upSeconds: sum(({ seconds }) => seconds.healthy),
    };
  };

  itWithService(redis, "is the same on each replica, and a fresh one begins with what lasts", async () => {
    const one = await start();
    const other = await start();
    await vi.waitFor(() => {
      expect([one, other].map(({ replica }) => replica.states().orders)).toEqual(["healthy", "healthy"]);
      expect([one, other].map(({ replica }) => replica.fleet.status.held.length)).toEqual([128, 128]);
    }, patience);
    isDown = true;
    await vi.waitFor(async () => {
      for (const { history } of [one, other]) expect((await countsOf(history)).failures).toBeGreaterThan(2);
    }, patience);
    const fresh = await start();
    await vi.waitFor(() => expect(fresh.history.incident("orders")).toBeDefined(), patience);
    isDown = false;
    await vi.waitFor(async () => {
      for (const { history } of [one, other]) {
        const [incident] = await incidentsOf(history);
        expect(incident?.endedAt).toBeDefined();
      }
    }, patience);
    const [ofOne, ofOther] = [await incidentsOf(one.history), await incidentsOf(other.history)];
    expect(ofOne).toHaveLength(1);
    expect(ofOther).toEqual(ofOne);
    // The fresh one knows the incident that lasted when it came, from its beginning.
    await vi.waitFor(async () => {
      const [{ id, startedAt, endedAt } = {}] = await incidentsOf(fresh.history);
      expect(ofOne[0]).toMatchObject({ id, startedAt, endedAt });
    }, patience);
    // Runs are counted by all, whoever ran the check; one may have heard of the last a moment before the other.
    await vi.waitFor(async () => {
      const [mine, theirs] = [await countsOf(one.history), await countsOf(other.history)];
      expect(theirs.failures).toBe(mine.failures);
      expect(Math.abs(theirs.downSeconds - mine.downSeconds)).toBeLessThan(1);
      const uptimes = [one, other].map(({ history }) => history.uptime("orders", "24h"));
      expect(uptimes.every((uptime) => (uptime?.knownSeconds ?? 0) > 0)).toBe(true);
    }, patience);
    expect(one.check.runs + other.check.runs + fresh.check.runs).toBeGreaterThan(4);
  });
});
