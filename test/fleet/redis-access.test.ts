import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, vi } from "vitest";
import { certificates } from "../support/certificates.ts";
import { fakeCheck } from "../support/checks.ts";
import { itWithService } from "../support/it-with-service.ts";
import { redisProgram, startRedis } from "../support/redis-server.ts";
import { startReplica, type TestReplica } from "../support/replica.ts";
import { stablePort } from "../support/stable-port.ts";
import { startProxy } from "../support/throw-away-proxy.ts";

const program = [redisProgram];
const names = Array.from({ length: 6 }, (_, index) => `check ${index}`);
const someChecks = () => names.map((name) => fakeCheck({ name, interval: "3s" }));
const all = (state: string) => Object.fromEntries(names.map((name) => [name, state]));

/** What docs/fleet.md says that a user needs. */
const rights =
  "~{healthspan:*}* -@all +@read +@write +@connection +@transaction +eval +evalsha +script|load +time -@dangerous";

const until = { timeout: 15_000 };
const healthy = (replica: TestReplica) => vi.waitFor(() => expect(replica.states()).toEqual(all("healthy")), until);
const toldBy = ({ logger }: TestReplica) =>
  logger.lines.filter(({ level }) => level !== "info").map(({ message }) => message);

/** A replica that waits for its Redis meanwhile. */
async function startWaiting(redis: string, trust?: Parameters<typeof startReplica>[1]["trust"]) {
  const starting = startReplica(someChecks(), { name: "shop", redis, ...(trust && { trust }) });
  await pause(1);
  return starting;
}

describe("the Redis of a fleet", () => {
  itWithService(program, "needs a user with few rights and no key but those of the fleet", async () => {
    await using server = await startRedis({ lines: [`user replica on >narrow ${rights}`] });
    const redis = `redis://replica:narrow@127.0.0.1:${server.port}`;
    await using one = await startReplica(someChecks(), { name: "shop", redis });
    const other = await startReplica(someChecks(), { name: "shop", redis });
    await healthy(one);
    await vi.waitFor(() => expect(one.fleet.status.held).toHaveLength(128), until);
    await other.stop();
    await vi.waitFor(() => expect(one.fleet.status.held).toHaveLength(256), until);
    expect(await server.ask("ACL", "LOG")).toBe("");
    expect([...toldBy(one), ...toldBy(other)]).toEqual([]);
    const asReplica = (...words: readonly string[]) =>
      server.ask("--user", "replica", "--pass", "narrow", "--no-auth-warning", ...words);
    for (const words of [
      ["GET", "other"],
      ["FLUSHALL"],
      ["KEYS", "*"],
      ["CONFIG", "GET", "*"],
      ["SUBSCRIBE", "a"],
      ["SCRIPT", "FLUSH"],
    ]) {
      expect(await asReplica(...words)).toMatch(/NOPERM/);
    }
  });

  itWithService(program, "is told of a wrong password in one clear line, and is used once it is right", async () => {
    await using server = await startRedis({ lines: [`user replica on >right ${rights}`] });
    const starting = startWaiting(`redis://replica:wrong-password@127.0.0.1:${server.port}`);
    await pause(2000);
    await server.ask("ACL", "SETUSER", "replica", ">wrong-password");
    await using one = await starting;
    await healthy(one);
    expect(toldBy(one)).toEqual([
      'the Redis of the fleet "shop": WRONGPASS invalid username-password pair or user is disabled.; check the user and the password in fleet.redis',
    ]);
    expect(JSON.stringify(one.logger.lines)).not.toContain("wrong-password");
  });

  itWithService(
    program,
    "is told of missing rights in one clear line a kind, and is used once they are there",
    async () => {
      await using server = await startRedis({ lines: ["user replica on >narrow ~other +@all"] });
      const starting = startWaiting(`redis://replica:narrow@127.0.0.1:${server.port}`);
      await pause(2000);
      await server.ask("ACL", "SETUSER", "replica", "~{healthspan:*}*");
      await using one = await starting;
      await healthy(one);
      expect(toldBy(one)).toContainEqual(
        expect.stringMatching(
          /^the Redis of the fleet "shop": NOPERM .*; the user needs the rights that docs\/fleet\.md lists, on the keys ~\{healthspan:\*\}\*$/,
        ),
      );
    },
  );

  itWithService(program, "must not be a replica of another, and is used once it is the primary", async () => {
    await using primary = await startRedis();
    await using server = await startRedis({ lines: [`replicaof 127.0.0.1 ${primary.port}`] });
    const starting = startWaiting(`redis://127.0.0.1:${server.port}`);
    await pause(2500);
    await server.ask("REPLICAOF", "NO", "ONE");
    await using one = await starting;
    await healthy(one);
    expect(toldBy(one)).toContainEqual(
      expect.stringContaining("fleet.redis leads to a replica of Redis; it must lead to the primary"),
    );
  });

  itWithService(
    program,
    "speaks TLS, trusted by an authority of one's own, and knows a replica by its certificate",
    async () => {
      const port = await stablePort();
      const folder = join(import.meta.dirname, "../support/certificates");
      const file = (name: string) => join(folder, `${name}.pem`);
      await using _ = await startRedis({
        lines: [
          "port 0",
          `tls-port ${port}`,
          `tls-ca-cert-file ${file("ca")}`,
          `tls-cert-file ${file("server")}`,
          `tls-key-file ${file("server-key")}`,
          "tls-auth-clients yes",
        ],
      });
      const redis = `rediss://localhost:${port}`;
      const { ca, client } = certificates;
      await using one = await startReplica(someChecks(), { name: "shop", redis, trust: { ca, ...client } });
      await healthy(one);
      await using distrusting = await startReplica(someChecks(), { name: "shop", redis, trust: client });
      expect(distrusting.fleet.status.isConnected).toBe(false);
      expect(toldBy(distrusting)).toEqual([
        expect.stringMatching(
          /certificate.*; give the authority of its certificate in fleet\.tls\.ca, and the name that it bears in fleet\.redis$/,
        ),
        'Redis has not said what the fleet "shop" knows; going on without it',
      ]);
    },
  );

  itWithService(program, "may be one node of a cluster that has the slot of the fleet", async () => {
    await using server = await startRedis({ lines: ["cluster-enabled yes", `cluster-port ${await stablePort()}`] });
    await server.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await vi.waitFor(async () => expect(await server.ask("CLUSTER", "INFO")).toContain("cluster_state:ok"), until);
    await using one = await startReplica(someChecks(), { name: "shop", redis: `redis://127.0.0.1:${server.port}` });
    await healthy(one);
    expect(toldBy(one)).toEqual([]);
  });

  for (const how of ["which was killed", "which becomes a replica"]) {
    itWithService(
      program,
      `may fail over by sentinels from a primary ${how}, behind an address that follows`,
      async () => {
        await using first = await startRedis();
        await using second = await startRedis({ lines: [`replicaof 127.0.0.1 ${first.port}`] });
        await using sentinel = await startRedis({
          sentinel: true,
          lines: [`sentinel monitor shop 127.0.0.1 ${first.port} 1`, "sentinel down-after-milliseconds shop 1000"],
        });
        await using proxy = await startProxy(first.port);
        const redis = `redis://127.0.0.1:${proxy.port}`;
        await using one = await startReplica(someChecks(), { name: "shop", redis });
        await using other = await startReplica(someChecks(), { name: "shop", redis });
        await healthy(one);
        await healthy(other);
        const before = one.monitor.reports().map(({ since }) => since);
        await vi.waitFor(
          async () => expect(await sentinel.ask("SENTINEL", "REPLICAS", "shop")).toContain(String(second.port)),
          until,
        );
        if (how === "which was killed") await first.kill();
        else expect(await sentinel.ask("SENTINEL", "FAILOVER", "shop")).toBe("OK");
        await vi.waitFor(
          async () =>
            expect(await sentinel.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "shop")).toContain(String(second.port)),
          { timeout: 25_000 },
        );
        await vi.waitFor(async () => expect(await second.ask("ROLE")).toMatch(/^master/), until);
        proxy.leadTo(second.port);
        const followedAt = Date.now();
        await vi.waitFor(
          () => {
            for (const { monitor, fleet } of [one, other]) {
              expect(fleet.status.isConnected).toBe(true);
              for (const { lastRun } of monitor.reports()) expect(lastRun?.startedAt).toBeGreaterThan(followedAt);
            }
          },
          { timeout: 30_000 },
        );
        await vi.waitFor(() => expect(one.fleet.status.held.length + other.fleet.status.held.length).toBe(256), until);
        await healthy(one);
        await healthy(other);
        expect(one.monitor.reports().map(({ since }) => since)).toEqual(before);
        expect([...one.changes(), ...other.changes()].filter((message) => !message.endsWith(": OK"))).toEqual([]);
      },
    );
  }
});
