import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { FleetBeats } from "../../src/app/fleet-beats.ts";
import { Heartbeat } from "../../src/checks/heartbeat.ts";
import { createApplication } from "../../src/server/application.ts";
import { itWithService } from "../support/it-with-service.ts";
import { redisProgram, redisUrl, runningRedis, startRedis } from "../support/redis-server.ts";
import { newFleetName, startReplica, type TestReplica } from "../support/replica.ts";
import { listenOnFreePort } from "../support/throw-away-server.ts";

const redis = [await runningRedis()];
const token = "token-of-the-backup";
const backup = (options = {}) =>
  new Heartbeat({ name: "backup", every: "1h", token, interval: "3s", ...options } as never);

interface Served extends AsyncDisposable {
  readonly replica: TestReplica;
  readonly check: Heartbeat;
  /** Reports something, and gives the status of the answer. */
  beat(event?: string, body?: string): Promise<number>;
}

describe("heartbeats in a fleet", () => {
  let opened: Served[];
  beforeEach(() => {
    opened = [];
  });
  afterEach(async () => {
    for (const served of opened) await served[Symbol.asyncDispose]();
  });

  /** A replica with an HTTP server of its own. */
  async function serve(name: string, options = {}, url = redisUrl): Promise<Served> {
    const check = backup(options);
    let beats: FleetBeats | undefined;
    const replica = await startReplica([check], {
      name,
      redis: url,
      prepare: (fleet, monitor) => {
        beats = new FleetBeats(fleet, 3000, monitor);
      },
    });
    const server = createServer(createApplication(replica.monitor, { beats }).callback());
    const port = await listenOnFreePort(server);
    const served: Served = {
      replica,
      check,
      beat: async (event = "", body = "") => {
        const path = event === "" ? "backup" : `backup/${event}`;
        const headers = { Authorization: `Bearer ${token}` };
        const response = await fetch(`http://127.0.0.1:${port}/heartbeat/${path}`, {
          method: "POST",
          headers,
          body,
          signal: AbortSignal.timeout(2000),
        });
        await response.text();
        return response.status;
      },
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections();
        server.close();
        await once(server, "close");
        await replica.stop();
      },
    };
    opened.push(served);
    return served;
  }

  const stateOf = ({ replica }: Served) => replica.states().backup;
  const holds = ({ replica }: Served) => replica.fleet.lockOf("backup") !== undefined;

  /** Two replicas: the one that runs the check, and the other one. */
  async function serveTwo(options = {}): Promise<{ name: string; holder: Served; other: Served }> {
    const name = newFleetName();
    const one = await serve(name, options);
    const two = await serve(name, options);
    await vi.waitFor(() => {
      expect([one, two].map(({ replica }) => replica.fleet.status.held.length)).toEqual([128, 128]);
    });
    await vi.waitFor(() => expect(holds(one)).toBe(!holds(two)));
    return holds(one) ? { name, holder: one, other: two } : { name, holder: two, other: one };
  }

  itWithService(redis, "count through any replica, and are judged by the one that runs the check", async () => {
    const { holder, other } = await serveTwo();
    expect(await other.beat()).toBe(200);
    await vi.waitFor(() => expect([holder, other].map(stateOf)).toEqual(["healthy", "healthy"]));
    expect(await other.beat("fail", "disk full")).toBe(200);
    await vi.waitFor(() => expect([holder, other].map(stateOf)).toEqual(["unhealthy", "unhealthy"]));
    expect(other.replica.monitor.reports(["backup"])[0]?.failure?.message).toBe("the job failed: disk full");
    expect(await holder.beat()).toBe(200);
    await vi.waitFor(() => expect([holder, other].map(stateOf)).toEqual(["healthy", "healthy"]));
    expect(other.replica.changes()).toEqual([]);
  });

  itWithService(redis, "are known to the replica that takes the check over, whenever they came", async () => {
    const { name, holder, other } = await serveTwo();
    expect(await holder.beat("start")).toBe(200);
    expect(await holder.beat("fail", "tape torn")).toBe(200);
    await vi.waitFor(() => expect(stateOf(other)).toBe("unhealthy"));
    // One that has not heard the news itself.
    const fresh = await serve(name);
    // They stop, and before anybody runs the check again the job succeeds: nobody has judged that.
    await holder.replica.fleet.leave();
    expect(await other.beat()).toBe(200);
    await other.replica.stop();
    await vi.waitFor(() => expect(holds(fresh)).toBe(true));
    await vi.waitFor(() => expect(stateOf(fresh)).toBe("healthy"), { timeout: 10_000 });
  });

  itWithService(redis, "are known to a replica that comes when all others have gone", async () => {
    const name = newFleetName();
    const one = await serve(name);
    expect(await one.beat("start")).toBe(200);
    expect(await one.beat("3", "disk full")).toBe(200);
    await vi.waitFor(() => expect(stateOf(one)).toBe("unhealthy"));
    await one.replica.stop();
    const two = await serve(name);
    await vi.waitFor(() => expect(holds(two)).toBe(true));
    await vi.waitFor(() => expect(two.check.remember()).toMatchObject({ failure: { exitCode: 3 } }));
    expect(two.check.remember()).toMatchObject({ doneAt: expect.any(Number), jobMilliseconds: expect.any(Number) });
    expect(stateOf(two)).toBe("unhealthy");
  });

  itWithService(redis, "need no grace after a takeover: others have listened meanwhile", async () => {
    const { holder, other } = await serveTwo({ every: "6s", grace: "1h" });
    expect(await other.beat()).toBe(200);
    await vi.waitFor(() => expect(stateOf(other)).toBe("healthy"));
    await holder.replica.stop();
    await vi.waitFor(() => expect(holds(other)).toBe(true));
    expect(other.check.remember()).toMatchObject({ graceLeft: undefined });
  });

  itWithService(
    [redisProgram],
    "are refused with 503 while Redis does not answer, and count again after that",
    async () => {
      await using server = await startRedis();
      const one = await serve(newFleetName(), {}, `redis://127.0.0.1:${server.port}`);
      expect(await one.beat()).toBe(200);
      server.process.kill("SIGSTOP");
      // Each request here is given up after two seconds.
      expect(await one.beat("fail").finally(() => server.process.kill("SIGCONT"))).toBe(503);
      await vi.waitFor(async () => expect(await one.beat()).toBe(200));
      await vi.waitFor(() => expect(stateOf(one)).toBe("healthy"), { timeout: 10_000 });
    },
  );
});
