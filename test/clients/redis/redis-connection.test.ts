import type { Socket } from "node:net";
import * as library from "redis";
import { RedisClient } from "redis";
import { describe, expect, it, vi } from "vitest";
import { Redis } from "../../../src/checks/redis.ts";
import { openRedis } from "../../../src/clients/redis/redis-connection.ts";
import type { Result } from "../../../src/health/result.ts";
import { certificates } from "../../support/certificates.ts";
import { runCheck } from "../../support/run-check.ts";
import { startTcpServer } from "../../support/throw-away-server.ts";
import { startTlsServer } from "../../support/throw-away-tls-server.ts";

type Options = ConstructorParameters<typeof Redis>[0];

const failureOf = async (options: Options): Promise<Result["failure"]> =>
  (await runCheck(new Redis({ timeout: "2s", ...options }))).failure;
const tooLong = { reason: "unexpected_result", message: "the answer is longer than 1 MiB", expected: true };
const foreign = {
  reason: "unexpected_result",
  message: "the server does not speak the protocol of Redis",
  expected: true,
};

/** The client library reserves 240 MB for such a list. */
const list = "*30000000\r\n";

describe("a connection to Redis", () => {
  it.each([
    ["a list that is far too long", list, tooLong],
    ["such lists in lists", `*2\r\n+x\r\n${list}`, tooLong],
    ["a text that is far too long", "$100000000\r\nxxx", tooLong],
    ["lists in lists in lists", "*1\r\n".repeat(5000), foreign],
    ["a number with very many digits", `(${"1".repeat(100_000)}`, foreign],
    ["what only version 3 of the protocol has", "%1\r\n+a\r\n+b\r\n", foreign],
    ["an answer to no question", "+PONG\r\n+PONG\r\n+PONG\r\n", foreign],
  ])("ends at %s, over TLS too, and reserves no memory for it", async (_, answer, failure) => {
    const before = process.memoryUsage().heapTotal;
    await using server = await startTcpServer((socket) => void socket.once("data", () => socket.write(answer)));
    expect(await failureOf({ host: "127.0.0.1", port: server.port })).toMatchObject(failure);
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));

    const { ca, server: own } = certificates;
    await using tlsServer = await startTlsServer(own, (socket) => void socket.once("data", () => socket.write(answer)));
    expect(await failureOf({ url: `rediss://localhost:${tlsServer.port}`, ca })).toMatchObject(failure);
    expect(process.memoryUsage().heapTotal - before).toBeLessThan(100 * 1024 ** 2);
  });

  it.each([
    ["a port that does not exist", "*2\r\n$9\r\n127.0.0.1\r\n$5\r\n99999\r\n"],
    ["a port that is not a number", "*2\r\n$9\r\n127.0.0.1\r\n$3\r\nabc\r\n"],
    ["an invalid host", "*2\r\n$3\r\na b\r\n$4\r\n6379\r\n"],
    ["nothing", "*0\r\n"],
    ["a text", "+here\r\n"],
  ])("follows no sentinel that names %s", async (_, answer) => {
    await using sentinel = await startTcpServer((socket) => {
      socket.on("data", (bytes) => socket.write(bytes.includes("PING") ? "+PONG\r\n" : answer));
    });
    expect(await failureOf({ sentinels: [`127.0.0.1:${sentinel.port}`], masterName: "shop" })).toMatchObject({
      ...foreign,
      message: `sentinels: ${foreign.message}`,
    });
  });

  it.each([
    ["no state", "$2\r\nhi\r\n", foreign],
    ["no number of slots", "$16\r\ncluster_state:ok\r\n", foreign],
  ])("does not accept a node of a cluster that reports %s", async (_, answer, failure) => {
    await using node = await startTcpServer((socket) => {
      socket.on("data", (bytes) => socket.write(bytes.includes("PING") ? "+PONG\r\n" : answer));
    });
    expect(await failureOf({ clusterNodes: [`127.0.0.1:${node.port}`] })).toMatchObject(failure);
  });

  it("counts the bytes of each answer by itself, however many runs it serves", async () => {
    const information = `cluster_state:ok\ncluster_slots_ok:16384\n${"#".repeat(700_000)}`;
    await using node = await startTcpServer((socket) => {
      const answer = `$${information.length}\r\n${information}\r\n`;
      socket.on("data", (bytes) => socket.write(bytes.includes("PING") ? "+PONG\r\n" : answer));
    });
    const check = new Redis({ clusterNodes: [`127.0.0.1:${node.port}`] });
    for (let run = 0; run < 3; run += 1) {
      expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "healthy" });
    }
    expect(node.accepted()).toBe(1);
    check.close();
  });

  it("destroys its client, with what that has beside the socket, when it ends", async () => {
    const destroyed = vi.spyOn(RedisClient.prototype, "destroy");
    await using server = await startTcpServer((socket) => {
      socket.on("data", () => socket.write("+PONG\r\n"));
    });
    const lifetime = new AbortController();
    const session = { username: undefined, password: undefined, tls: undefined, isOneOfSeveral: false };
    await openRedis(library, [{ host: "127.0.0.1", port: server.port }], session, lifetime, () => {});
    expect(destroyed).not.toHaveBeenCalled();
    lifetime.abort(new Error("it is over"));
    expect(destroyed).toHaveBeenCalledOnce();
  });

  it("names the server to itself when it speaks TLS, but no address", async () => {
    const { ca, server: own } = certificates;
    await using server = await startTlsServer(own, (socket) => void socket.on("data", () => socket.write("+PONG\r\n")));
    for (const host of ["localhost", "127.0.0.1"]) {
      expect(await failureOf({ url: `rediss://${host}:${server.port}`, ca })).toBeUndefined();
    }
    expect(server.serverNames).toEqual(["localhost", false]);
  });

  it("speaks TLS to sentinels too, and closes the connection to them with the check", async () => {
    const { ca, server: own } = certificates;
    const open = new Set<Socket>();
    const keep = (socket: Socket): void => {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
    };
    await using server = await startTlsServer(own, (socket) => {
      keep(socket);
      socket.on("data", (bytes: Buffer) => {
        socket.write(bytes.includes("ROLE") ? "*3\r\n$6\r\nmaster\r\n:1\r\n*0\r\n" : "+PONG\r\n");
      });
    });
    const primary = `*2\r\n$9\r\n127.0.0.1\r\n$${String(server.port).length}\r\n${server.port}\r\n`;
    await using sentinel = await startTlsServer(own, (socket) => {
      keep(socket);
      socket.on("data", (bytes: Buffer) => socket.write(bytes.includes("PING") ? "+PONG\r\n" : primary));
    });
    const check = new Redis({ sentinels: [`localhost:${sentinel.port}`], masterName: "shop", tls: true, ca });
    expect((await runCheck(check, { keepOpen: true })).failure).toBeUndefined();
    expect(open.size).toBe(2);
    check.close();
    await vi.waitFor(() => expect(open.size).toBe(0));
  });
});
