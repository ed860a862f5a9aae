import { once } from "node:events";
import { createConnection } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { FleetBeats } from "../../src/app/fleet-beats.ts";
import { Heartbeat } from "../../src/checks/heartbeat.ts";
import { catalogue } from "../../src/checks/index.ts";
import type { HealthCheck, HealthCheckClass } from "../../src/health/health-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { type RedisServer, redisProgram, startRedis } from "../support/redis-server.ts";
import { newFleetName, startReplica } from "../support/replica.ts";
import { secretPlacesOf } from "../support/secret-options.ts";
import { startTcpServer, type ThrowAwayServer } from "../support/throw-away-server.ts";

const tag = "Tag-of-the-fleet";
const secret = "S3cret-of-the-fleet/with?signs";

/** The ways in which it may be written. */
const formsOf = (text: string): readonly string[] => [
  text,
  encodeURIComponent(text),
  JSON.stringify(text).slice(1, -1),
  ...[text, `user:${text}`, `:${text}`].map((one) => Buffer.from(one).toString("base64")),
];

describe.skipIf(!redisProgram.available)("what Redis holds of the checks of a fleet", () => {
  let redis: RedisServer;
  let talkative: ThrowAwayServer;
  beforeAll(async () => {
    redis = await startRedis();
    // One that refuses what it is told by repeating it.
    talkative = await startTcpServer((socket) => {
      socket.on("data", (data) => socket.end(Buffer.concat([Buffer.from("-ERR "), data, Buffer.from("\r\n")])));
    });
  });
  afterAll(async () => {
    await talkative[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  /** Everything that is sent to Redis, as one text. */
  async function monitored() {
    const socket = createConnection(redis.port, "127.0.0.1");
    await once(socket, "connect");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.write("MONITOR\r\n");
    return {
      text: () => Buffer.concat(chunks).toString("latin1"),
      [Symbol.dispose]: () => void socket.destroy(),
    };
  }

  /** Every key and every value; of the jobs without data, of which there are hundreds, what was sent says all. */
  async function held(fleet: string): Promise<string> {
    const all = (await redis.ask("KEYS", `*${fleet}*`)).split("\n");
    const keys = all.filter((key) => !key.includes(":shards:"));
    const reads: Readonly<Record<string, readonly string[]>> = {
      hash: ["HGETALL"],
      stream: ["XRANGE", "-", "+"],
      list: ["LRANGE", "0", "-1"],
      zset: ["ZRANGE", "0", "-1"],
      string: ["GET"],
      set: ["SMEMBERS"],
    };
    const values = await Promise.all(
      keys.map(async (key) => {
        const [command = "GET", ...rest] = reads[await redis.ask("TYPE", key)] ?? [];
        return redis.ask(command, key, ...rest);
      }),
    );
    return [...all, ...values].join("\n");
  }

  it.for(Object.keys(catalogue) as (keyof typeof catalogue)[])(
    "is no secret, option or label of a failing check of the type %s",
    { timeout: 60_000 },
    async (type) => {
      const Check: HealthCheckClass = await catalogue[type]();
      const made = secretPlacesOf(Check).map((place) => place.make(secret, talkative.port));
      if (made.length === 0) return;
      using sent = await monitored();
      const name = newFleetName();
      const checks = made.map(({ options }, index) => {
        const common = { timeout: "300ms", interval: "3s", everywhere: false, tags: [tag], group: tag };
        return new Check({ ...options, ...common, name: `${type} ${index}` });
      });
      const redisAddress = `redis://127.0.0.1:${redis.port}`;
      await using replica = await startReplica(checks, { name, redis: redisAddress });
      // A heartbeat that has not come yet says nothing.
      const isKnown = ({ name }: HealthCheck) =>
        type === "heartbeat" || replica.fleet.recordOf(name)?.record.lastRun !== undefined;
      await vi.waitFor(() => expect(checks.filter((check) => !isKnown(check))).toEqual([]), {
        timeout: 30_000,
        interval: 50,
      });
      const all = (await held(name)) + sent.text();
      // What is searched has the records in it.
      if (type !== "heartbeat") for (const check of checks) expect(all).toContain(check.name);
      const forms = new Set(made.flatMap((one) => formsOf(one.secret)));
      expect([...forms].filter((form) => all.includes(form))).toEqual([]);
      // A message may name a host or a port; whole addresses, and whatever else is long enough to be known again, are not there.
      const labels = new Set(
        checks.flatMap((check) => Object.values(check.labels).filter(({ length }) => length > 15)),
      );
      expect([...labels].filter((label) => all.includes(label))).toEqual([]);
      expect(all).not.toContain(tag);
    },
  );

  itWithService([redisProgram], "has no token in the message of a heartbeat", async () => {
    using sent = await monitored();
    const name = newFleetName();
    const check = new Heartbeat({ name: "backup", every: "1h", token: secret, interval: "3s" } as never);
    let beats: FleetBeats | undefined;
    await using replica = await startReplica([check], {
      name,
      redis: `redis://127.0.0.1:${redis.port}`,
      prepare: (fleet, monitor) => {
        beats = new FleetBeats(fleet, 3000, monitor);
      },
    });
    expect(await beats?.take(check, { kind: "failure", exitCode: 1, message: `curl -u :${secret} failed` })).toBe(true);
    await vi.waitFor(() => expect(replica.states()).toEqual({ backup: "unhealthy" }));
    const all = (await held(name)) + sent.text();
    expect(all).toContain("curl -u");
    expect(formsOf(secret).filter((form) => all.includes(form))).toEqual([]);
  });
});
