import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { Redis } from "../../src/checks/redis.ts";
import type { Result } from "../../src/health/result.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { type RedisServer, redisProgram, redisUrl, runningRedis, startRedis } from "../support/redis-server.ts";
import { runCheck } from "../support/run-check.ts";
import { stablePort } from "../support/stable-port.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { closedPort, startTcpServer } from "../support/throw-away-server.ts";

type Options = ConstructorParameters<typeof Redis>[0];

const certificates = join(import.meta.dirname, "../support/certificates");
const pem = (name: string): string => readFileSync(join(certificates, `${name}.pem`), "utf8");
const program = [redisProgram];
const running = [await runningRedis()];

/** Runs the check as it is kept between runs. */
const runKept = (check: Redis): Promise<Result> => runCheck(check, { keepOpen: true });
const failureOf = async (options: Options): Promise<Result["failure"]> => (await runCheck(new Redis(options))).failure;
const connectionsOf = async (server: RedisServer): Promise<number> =>
  (await server.ask("CLIENT", "LIST", "TYPE", "normal")).split("\n").filter((line) => !line.includes("cmd=client"))
    .length;

describe("Redis", () => {
  describeCheck(Redis, {
    options: { url: redisUrl },
    network: (port) => ({ host: "127.0.0.1", port }),
    secrets: (secret, port) => ({ url: `redis://user:${secret}@127.0.0.1:${port}/0` }),
  });

  describe("with sentinels", () => {
    describeCheck(Redis, {
      options: { sentinels: ["127.0.0.1:1"], masterName: "primary" },
      network: (port) => ({ sentinels: [`127.0.0.1:${port}`], masterName: "primary" }),
      secrets: (secret, port) => ({
        sentinels: [`127.0.0.1:${port}`],
        masterName: "primary",
        username: "user",
        password: secret,
        sentinelPassword: secret,
      }),
    });
  });

  describe("with a cluster that speaks TLS", () => {
    describeCheck(Redis, {
      options: { clusterNodes: ["127.0.0.1:1", "[::1]:1"] },
      network: (port) => ({ clusterNodes: [`127.0.0.1:${port}`], tls: true }),
      secrets: (secret, port) => ({ clusterNodes: [`127.0.0.1:${port}`], password: secret }),
    });
  });

  itWithService(running, "is healthy when the server answers", async () => {
    expect(await runCheck(new Redis({ url: redisUrl }))).toMatchObject({ state: "healthy" });
    const { hostname, port } = new URL(redisUrl);
    const byFields = new Redis({ host: hostname, port: Number(port || 6379), role: "primary" });
    expect(await runCheck(byFields)).toMatchObject({ state: "healthy" });
  });

  itWithService(program, "keeps one connection for all its runs", async () => {
    await using server = await startRedis();
    const check = new Redis({ url: `redis://127.0.0.1:${server.port}/3` });
    for (let run = 0; run < 200; run += 1) expect((await runKept(check)).state).toBe("healthy");
    expect(await connectionsOf(server)).toBe(1);
    expect(await server.ask("CLIENT", "LIST")).toContain("db=3");
    check.close();
    await vi.waitFor(async () => expect(await connectionsOf(server)).toBe(0));
  });

  itWithService(program, "notices that the server went away, and that it came back", async () => {
    const port = await stablePort();
    const check = new Redis({ host: "127.0.0.1", port });
    {
      await using server = await startRedis({ port });
      expect((await runKept(check)).state).toBe("healthy");
      await server.kill();
    }
    expect((await runKept(check)).failure).toMatchObject({ reason: "connection_refused" });
    expect((await runKept(check)).failure).toMatchObject({ reason: "connection_refused" });
    await using _again = await startRedis({ port });
    expect((await runKept(check)).state).toBe("healthy");
    check.close();
  });

  itWithService(program, "connects anew when the server has closed the idle connection", async () => {
    await using server = await startRedis();
    const check = new Redis({ host: "127.0.0.1", port: server.port });
    expect((await runKept(check)).state).toBe("healthy");
    await server.ask("CLIENT", "KILL", "TYPE", "normal");
    expect((await runKept(check)).state).toBe("healthy");
    check.close();
  });

  itWithService(program, "gives up a kept connection on which no answer comes", async () => {
    await using server = await startRedis();
    const check = new Redis({ host: "127.0.0.1", port: server.port, timeout: "300ms" });
    expect((await runKept(check)).state).toBe("healthy");
    server.process.kill("SIGSTOP");
    expect((await runKept(check)).failure).toMatchObject({ reason: "timeout" });
    server.process.kill("SIGCONT");
    await vi.waitFor(async () => expect((await runKept(check)).state).toBe("healthy"));
    expect(await connectionsOf(server)).toBe(1);
    check.close();
  });

  it("tries once more when a kept connection turns out to be lost", async () => {
    let pings = 0;
    await using server = await startTcpServer((socket) => {
      socket.on("data", () => {
        pings += 1;
        if (pings === 3) socket.destroy();
        else socket.write("+PONG\r\n");
      });
    });
    const check = new Redis({ host: "127.0.0.1", port: server.port });
    expect((await runKept(check)).state).toBe("healthy"); // One PING when it connects, one that is the run.
    expect((await runKept(check)).state).toBe("healthy");
    expect(server.accepted()).toBe(2);
    check.close();
  });

  itWithService(program, "stores a value, reads it, and leaves nothing behind", async () => {
    const lines = ["user writer on >narrow +ping +set +get +del ~healthspan:*", "user reader on >narrow +ping"];
    await using server = await startRedis({ lines });
    await using replica = await startRedis({ lines: [`replicaof 127.0.0.1 ${server.port}`] });
    const at = { host: "127.0.0.1", port: server.port, roundTrip: true };
    expect(await failureOf({ ...at, username: "writer", password: "narrow" })).toBeUndefined();
    expect(await server.ask("DBSIZE")).toBe("0");
    expect(await server.ask("INFO", "commandstats")).toMatch(/cmdstat_set:calls=1,/);
    expect(await failureOf({ ...at, username: "reader", password: "narrow" })).toMatchObject({
      reason: "authentication",
      message: "the user lacks the permission for a command of the check",
    });
    expect(await failureOf({ ...at, port: replica.port })).toMatchObject({
      reason: "unavailable",
      message: "the server is a replica and accepts no writes",
    });
    await server.ask("CONFIG", "SET", "maxmemory", "1");
    expect(await failureOf(at)).toMatchObject({ message: "the server has no memory left for what is written" });
  });

  it("is unhealthy when another value is read than was stored", async () => {
    const answers = ["+PONG", "+PONG", "+OK", "$5\r\nother", ":1"];
    await using server = await startTcpServer((socket) => {
      socket.on("data", () => socket.write(`${answers.shift()}\r\n`));
    });
    expect(await failureOf({ host: "127.0.0.1", port: server.port, roundTrip: true })).toMatchObject({
      reason: "assertion",
      message: "the server does not have the value that was just stored",
    });
  });

  itWithService(
    program,
    "looks at a key: whether it exists, and how long ago the moment is that it holds",
    async () => {
      await using server = await startRedis();
      const at = { host: "127.0.0.1", port: server.port, key: "import:finished" };
      expect(await failureOf(at)).toMatchObject({ reason: "assertion", message: "the key does not exist" });
      expect(await failureOf({ ...at, maxKeyAge: "1h" })).toMatchObject({ message: "the key does not exist" });
      expect(await failureOf({ ...at, exists: false })).toBeUndefined();
      const twoHoursAgo = Date.now() - 7_200_000;
      const spellings = [twoHoursAgo, twoHoursAgo / 1000, Math.round(twoHoursAgo / 1000)].map(String);
      for (const moment of [...spellings, new Date(twoHoursAgo).toISOString()]) {
        await server.ask("SET", at.key, moment);
        expect(await failureOf({ ...at, maxKeyAge: "3h" })).toBeUndefined();
        const failure = await failureOf({ ...at, maxKeyAge: "1h" });
        expect(failure).toMatchObject({ kind: "Warning", reason: "threshold" });
        expect(failure?.message).toMatch(/^the moment in the key is 72\d\d s ago, expected at most 1h$/);
      }
      expect(await failureOf(at)).toBeUndefined();
      expect(await failureOf({ ...at, exists: false })).toMatchObject({ message: "the key exists" });
      await server.ask("SET", at.key, "yesterday");
      expect(await failureOf({ ...at, maxKeyAge: "1h" })).toMatchObject({
        reason: "unexpected_result",
        message: "the value of the key is no moment",
      });
      await server.ask("DEL", at.key);
      await server.ask("LPUSH", at.key, "x");
      expect(await failureOf(at)).toBeUndefined();
      expect(await failureOf({ ...at, maxKeyAge: "1h" })).toMatchObject({
        message: "the key holds something else than a text",
      });
    },
  );

  it.each<[Options, string]>([
    [{ host: "a", exists: false }, "exists and maxKeyAge go with key"],
    [{ host: "a", maxKeyAge: "1h" }, "exists and maxKeyAge go with key"],
    [{ host: "a", key: "b", exists: false, maxKeyAge: "1h" }, "a key that must not exist has no maxKeyAge"],
    [{ clusterNodes: ["a"], key: "b" }, "key and roundTrip need one server: leave clusterNodes out"],
    [{ clusterNodes: ["a"], roundTrip: true }, "key and roundTrip need one server: leave clusterNodes out"],
  ])("refuses what keys cannot be: %o", (options, message) => {
    expect(() => new Redis(options)).toThrow(message);
  });

  itWithService(program, "tells a refused login from an unreachable server", async () => {
    const lines = ["user default on >right ~* +@all", "user pinger on >narrow +ping"];
    await using server = await startRedis({ lines, clientArguments: ["-a", "right", "--no-auth-warning"] });
    const at = { host: "127.0.0.1", port: server.port };
    const refused = { reason: "authentication", message: "user name or password refused" };
    expect(await failureOf({ ...at, password: "wrong" })).toMatchObject(refused);
    expect(await failureOf({ ...at, username: "nobody", password: "right" })).toMatchObject(refused);
    expect(await failureOf(at)).toMatchObject({ reason: "authentication", message: "the server asks for a password" });
    expect(await failureOf({ ...at, password: "right" })).toBeUndefined();
    expect(await failureOf({ url: `redis://default:right@127.0.0.1:${server.port}` })).toBeUndefined();
    const pinger = { ...at, username: "pinger", password: "narrow" };
    expect(await failureOf(pinger)).toBeUndefined();
    expect(await failureOf({ ...pinger, role: "primary" })).toMatchObject({ reason: "authentication" });
  });

  itWithService(program, "speaks TLS and trusts only whom it should", async () => {
    const port = await stablePort();
    const lines = ["port 0", `tls-port ${port}`, `tls-ca-cert-file ${join(certificates, "ca.pem")}`];
    const certificate = (name: string): string[] => [
      `tls-cert-file ${join(certificates, `${name}.pem`)}`,
      `tls-key-file ${join(certificates, `${name}-key.pem`)}`,
    ];
    const url = `rediss://localhost:${port}`;
    const own = { ca: pem("ca") };
    const client = { clientCertificate: pem("client"), clientKey: pem("client-key") };
    {
      await using _ = await startRedis({ lines: [...lines, ...certificate("server"), "tls-auth-clients no"] });
      expect(await failureOf({ url, ...own })).toBeUndefined();
      expect(await failureOf({ host: "127.0.0.1", port, tls: true, ...own })).toBeUndefined();
      expect(await failureOf({ url })).toMatchObject({ reason: "certificate" });
      expect(await failureOf({ url, verifyCertificate: false })).toBeUndefined();
      expect(await failureOf({ host: "127.0.0.1", port })).toMatchObject({ reason: "connection_reset" });
    }
    {
      await using _ = await startRedis({ lines: [...lines, ...certificate("other-host"), "tls-auth-clients yes"] });
      expect(await failureOf({ url, ...own, ...client })).toMatchObject({
        reason: "certificate",
        message: "certificate is for another host name: it must have the name that is asked for",
      });
      // The server refuses after the handshake, by an alert that may not arrive before the end of the connection.
      const { reason } = (await failureOf({ url, verifyCertificate: false })) ?? {};
      expect(["tls", "connection_reset"]).toContain(reason);
      expect(await failureOf({ url, verifyCertificate: false, ...client })).toBeUndefined();
    }
  });

  itWithService(program, "refuses a replica, or a primary, when asked to", async () => {
    await using primary = await startRedis();
    await using replica = await startRedis({ lines: [`replicaof 127.0.0.1 ${primary.port}`] });
    const of = ({ port }: RedisServer, role?: "primary" | "replica"): Promise<Result["failure"]> =>
      failureOf({ host: "127.0.0.1", port, ...(role !== undefined && { role }) });
    expect(await of(replica)).toBeUndefined();
    expect(await of(replica, "replica")).toBeUndefined();
    expect(await of(replica, "primary")).toMatchObject({
      kind: "Unexpected Result",
      reason: "assertion",
      message: "the server is a replica, not the primary",
    });
    expect(await of(primary, "replica")).toMatchObject({ message: "the server is the primary, not a replica" });
  });

  itWithService(program, "finds the primary by sentinels, and follows them to another", async () => {
    await using first = await startRedis();
    await using second = await startRedis({ lines: [`replicaof 127.0.0.1 ${first.port}`] });
    await using sentinel = await startRedis({
      sentinel: true,
      lines: [`sentinel monitor shop 127.0.0.1 ${first.port} 1`],
    });
    await using silent = await startTcpServer();
    const sentinels = [`127.0.0.1:${silent.port}`, `127.0.0.1:${sentinel.port}`];
    const check = new Redis({ sentinels, masterName: "shop" });
    const other = new Redis({ sentinels, masterName: "blog" });
    expect((await runKept(check)).state).toBe("healthy");
    await vi.waitFor(() => expect(silent.sockets.size).toBe(0));
    expect(await connectionsOf(first)).toBe(2); // The sentinel has one too.

    await sentinel.ask("SENTINEL", "REMOVE", "shop");
    await sentinel.ask("SENTINEL", "MONITOR", "shop", "127.0.0.1", String(second.port), "1");
    expect((await runKept(check)).failure).toMatchObject({ message: "the server is a replica, not the primary" });
    await second.ask("REPLICAOF", "NO", "ONE");
    expect((await runKept(check)).state).toBe("healthy");
    expect(await connectionsOf(first)).toBe(0);

    expect((await runCheck(other)).failure).toMatchObject({
      reason: "unavailable",
      message: "sentinels: the sentinels do not know a primary called blog",
    });
    check.close();

    await sentinel.kill();
    expect(await failureOf({ sentinels: [`127.0.0.1:${sentinel.port}`], masterName: "shop" })).toMatchObject({
      reason: "connection_refused",
      message: "sentinels: connection refused",
    });
  });

  itWithService(program, "asks a cluster whether it serves all its slots", async () => {
    const lines = ["cluster-enabled yes", "cluster-require-full-coverage no", `cluster-port ${await stablePort()}`];
    await using node = await startRedis({ lines });
    const clusterNodes = [`127.0.0.1:${await closedPort()}`, `127.0.0.1:${node.port}`];
    const check = new Redis({ clusterNodes });
    expect((await runKept(check)).failure).toMatchObject({
      reason: "unavailable",
      message: "the state of the cluster is fail",
    });
    await node.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16382");
    await vi.waitFor(async () => expect((await runKept(check)).state).toBe("degraded"), { timeout: 8000 });
    expect((await runKept(check)).failure?.message).toBe("1 of the cluster's 16384 slots is not served");
    await node.ask("CLUSTER", "ADDSLOTS", "16383");
    await vi.waitFor(async () => expect((await runKept(check)).state).toBe("healthy"));
    expect(await connectionsOf(node)).toBe(1);
    check.close();
  });

  itWithService(program, "reaches a server by its Unix socket", async () => {
    await using server = await startRedis({ lines: ["unixsocket redis.sock"] });
    const path = join(server.folder, "redis.sock");
    expect(await failureOf({ path })).toBeUndefined();
    expect(await failureOf({ path: `${path}.not` })).toMatchObject({
      reason: "connection_refused",
      message: "no such socket",
    });
  });

  itWithService(program, "says that the server has no connection left", async () => {
    await using server = await startRedis({ lines: ["maxclients 1"] });
    const check = new Redis({ host: "127.0.0.1", port: server.port });
    expect((await runKept(check)).state).toBe("healthy");
    expect(await failureOf({ host: "127.0.0.1", port: server.port })).toMatchObject({
      reason: "unavailable",
      message: "the server has no connection left",
    });
    check.close();
  });

  it.each([
    ["LOADING Redis is loading the dataset in memory", "unavailable", "the server is loading its data"],
    ["MASTERDOWN Link with MASTER is down", "unavailable", "the replica has lost its primary"],
    ["MISCONF Redis is configured to save", "unavailable", "the server cannot save its data and refuses writes"],
    ["DENIED Redis is running in protected mode", "authentication", /protected mode/],
    ["ERR DB index is out of range", "unavailable", "the server has no database of that number"],
    ["CURIOUS words of hidden-value", "unavailable", "the server answered with CURIOUS"],
    ["hidden-value", "unavailable", "the server answered with an error"],
  ])("knows what %s means, and does not repeat it", async (reply, reason, message) => {
    await using server = await startTcpServer((socket) => void socket.on("data", () => socket.write(`-${reply}\r\n`)));
    const failure = await failureOf({ host: "127.0.0.1", port: server.port });
    expect(failure).toMatchObject({ reason, message: expect.stringMatching(message), expected: true });
    expect(inspect(failure)).not.toContain("hidden-value");
  });

  it("reads no answer to its end that is far too long", async () => {
    const mebibyte = Buffer.alloc(1024 ** 2, "x");
    await using server = await startTcpServer((socket) => {
      socket.once("data", () => {
        socket.write(`$${100 * mebibyte.length}\r\n`);
        for (let count = 0; count < 3; count += 1) socket.write(mebibyte);
      });
    });
    const failure = await failureOf({ host: "127.0.0.1", port: server.port });
    expect(failure).toMatchObject({ reason: "unexpected_result", message: "the answer is longer than 1 MiB" });
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });

  it.each(["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "+HELLO\r\n", ":1\r\n", "$-1\r\n"])(
    "says that a server that greets with %j does not speak the protocol",
    async (greeting) => {
      await using server = await startTcpServer((socket) => void socket.write(greeting));
      const failure = await failureOf({ host: "127.0.0.1", port: server.port });
      expect(failure).toMatchObject({ reason: "unexpected_result", expected: true });
    },
  );

  itWithService(running, "records the phase in which it connects", async () => {
    const check = new Redis({ url: redisUrl });
    const { spans } = await recordTelemetry(async () => {
      await runKept(check);
      await runKept(check);
    });
    check.close();
    expect(spans.map(({ name }) => name)).toEqual(["connect", "check Redis", "check Redis"]);
  });

  it("publishes where the server is and not who asks", () => {
    const byUrl = new Redis({ url: "redis://user:word@cache/2" });
    expect(byUrl.labels).toEqual({ url: "redis://cache/2" });
    expect(byUrl.target).toEqual({ system: "redis", namespace: "2", address: "cache", port: 6379 });
    const bySentinels = new Redis({ sentinels: ["one", "two:2"], masterName: "shop", username: "user", database: 1 });
    expect(bySentinels.labels).toEqual({ sentinels: "one,two:2", masterName: "shop", database: "1" });
    expect(bySentinels.target).toEqual({ system: "redis", namespace: "1" });
    expect(new Redis({ path: "/run/redis.sock" }).target).toMatchObject({ address: "/run/redis.sock" });
  });

  it.each<[Options, string]>([
    [{}, "give either url or host (or path, sentinels or clusterNodes)"],
    [{ url: "redis://a", host: "b" }, "give only one of url and host"],
    [{ url: "http://a" }, "url: must be an address that starts with redis:// or rediss://"],
    [{ url: "redis://a", port: 1 }, "port goes with host; elsewhere it is part of the address"],
    [{ url: "redis://a/b" }, "only the number of a database may follow the host in url, as in /0"],
    [{ url: "redis://a:0" }, "0 is not a valid port (1 to 65535)"],
    [{ url: "redis://a,b" }, "url names several hosts: make a check of each"],
    [
      { url: "redis://a?db=1" },
      "instead of db in url, give the number of the database after the host, as in redis://cache:6379/1",
    ],
    [{ url: "redis://a?password=b" }, "instead of password in url, give it before the host"],
    [{ url: "redis://a?protocol=3" }, 'unknown parameter "protocol" in url (there are none)'],
    [{ host: "a", port: 70_000 }, "port: must be a port from 1 to 65535"],
    [{ clusterNodes: ["a:99999"] }, "clusterNodes.0: must be HOST or HOST:PORT, with a port from 1 to 65535"],
    [{ url: "redis://a/1", database: 1 }, "give the database either in url or as database"],
    [{ url: "redis://:a@b", password: "a" }, "give the password either in url or as password"],
    [{ url: "redis://a@b", username: "a" }, "give the user name either in url or as username"],
    [{ url: "redis://a", tls: true }, "for TLS, url must begin with rediss://"],
    [{ host: "a", ca: pem("ca") }, "certificates need TLS: give tls: true, or a url that begins with rediss://"],
    [
      { host: "a", tls: true, clientCertificate: pem("client") },
      "clientCertificate and clientKey must be given together",
    ],
    [{ path: "/a", tls: true }, "a Unix socket does not speak TLS"],
    [{ host: "user:word@a" }, "host: must be the name or address of a host"],
    [{ sentinels: ["a"] }, "sentinels and masterName must be given together"],
    [{ sentinels: ["user:word@a"], masterName: "a" }, "sentinels.0: must be HOST or HOST:PORT"],
    [{ sentinels: ["a"], masterName: "a", role: "replica" }, "sentinels lead to the primary: leave role out"],
    [{ host: "a", sentinelPassword: "a" }, "sentinelUsername and sentinelPassword go with sentinels"],
    [{ clusterNodes: ["a"], database: 1 }, "a cluster only has the database 0"],
    [{ clusterNodes: ["a"], role: "primary" }, "a cluster has both: leave role out"],
  ])("refuses %o", (options, message) => {
    expect(() => new Redis(options)).toThrow(`Redis: ${message}`);
  });

  it.each([
    "redis://a?password=hidden-value",
    "redis://a?hidden-value!",
    "redis://:1/hidden-value@a",
    "redis://:1#hidden-value@a",
  ])("shows nothing of the password when it refuses %s", (url) => {
    let thrown: unknown;
    try {
      new Redis({ url });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeDefined();
    expect(inspect(thrown, { depth: 10 })).not.toContain("hidden-value");
  });
});
