import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { Memcached } from "../../src/checks/memcached.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { type MemcachedServer, memcachedProgram, startMemcached } from "../support/memcached-server.ts";
import { runCheck } from "../support/run-check.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { startTcpServer } from "../support/throw-away-server.ts";
import { startTlsServer } from "../support/throw-away-tls-server.ts";

type Options = Partial<ConstructorParameters<typeof Memcached>[0]>;

const program = [memcachedProgram];

function checkOf({ port }: { readonly port: number }, options: Options = {}): Memcached {
  return new Memcached({ host: "127.0.0.1", port, ...options });
}

/** Starts a server with one user. */
async function startWithLogin(): Promise<MemcachedServer> {
  const folder = await mkdtemp(join(tmpdir(), "healthspan-memcached-"));
  try {
    await writeFile(join(folder, "users"), "alice:right\n");
    return await startMemcached(["-Y", join(folder, "users")]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs the check against a server that answers each line it is sent with these, in turn. */
async function answered(options: Options, ...answers: readonly string[]) {
  const received: string[] = [];
  await using server = await startTcpServer((socket: Socket) => {
    const rest = [...answers];
    socket.on("data", (data) => {
      received.push(String(data));
      const answer = rest.shift();
      if (answer !== undefined) socket.write(`${answer}\r\n`);
    });
  });
  const { state, failure } = await runCheck(checkOf(server, { timeout: "1s", ...options }));
  return { state, failure, received };
}

describe("Memcached", () => {
  describeCheck(Memcached, {
    options: { host: "127.0.0.1", port: 9, timeout: "1s" },
    network: (port) => ({ host: "127.0.0.1", port }),
    secrets: (secret, port) => ({ host: "127.0.0.1", port, username: "user", password: secret }),
  });

  itWithService(program, "is healthy when the server says its version, over one connection run after run", async () => {
    await using server = await startMemcached();
    const connections = async (): Promise<number> => {
      const stats = await server.ask("stats\r\n", /END/);
      return Number(/total_connections (\d+)/.exec(stats)?.[1]);
    };
    const before = await connections();
    const check = checkOf(server);
    for (let run = 0; run < 20; run += 1) {
      expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "healthy" });
    }
    expect(await connections()).toBe(before + 2); // The check's, and the one that asks.
    check.close();
  });

  itWithService(program, "connects anew when the server was restarted", async () => {
    const first = await startMemcached();
    const check = checkOf(first);
    expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "healthy" });
    await first[Symbol.asyncDispose]();
    const down = await runCheck(check, { keepOpen: true });
    expect(down).toMatchObject({ state: "unhealthy", failure: { reason: "connection_refused" } });
    await using _ = await startMemcached([], first.port);
    expect(await runCheck(check)).toMatchObject({ state: "healthy" });
  });

  itWithService(program, "logs in", async () => {
    await using server = await startWithLogin();
    const check = checkOf(server, { username: "alice", password: "right" });
    for (let run = 0; run < 2; run += 1) {
      expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "healthy" });
    }
    check.close();
  });

  itWithService(program, "says that the login is refused, or missing", async () => {
    await using server = await startWithLogin();
    for (const [options, message] of [
      [{ username: "alice", password: "wrong" }, "user name or password refused"],
      [{ username: "bob", password: "right" }, "user name or password refused"],
      [{}, "the server asks for a password"],
    ] as const) {
      const { state, failure } = await runCheck(checkOf(server, options));
      expect({ state, failure }).toMatchObject({
        state: "unhealthy",
        failure: { kind: "Unavailable", reason: "authentication", message },
      });
    }
  });

  itWithService(program, "gives no password to a server that would store it", async () => {
    await using server = await startMemcached();
    const { failure } = await runCheck(checkOf(server, { username: "alice", password: "right" }));
    expect(failure).toMatchObject({
      reason: "authentication",
      message: "the server has no password, the check has one",
    });
    expect(await server.ask("stats\r\n", /END/)).toMatch(/cmd_set 0\r/);
  });

  itWithService(program, "says that the server has no connection left", async () => {
    await using server = await startMemcached(["-c", "64"]);
    const others = Array.from({ length: 64 }, () => createConnection(server.port, "127.0.0.1").on("error", () => {}));
    try {
      await vi.waitFor(async () => {
        const { failure } = await runCheck(checkOf(server));
        expect(failure).toMatchObject({ reason: "unavailable", message: "the server has no connection left" });
      });
    } finally {
      for (const socket of others) socket.destroy();
    }
  });

  itWithService(program, "speaks TLS", async () => {
    const folder = join(import.meta.dirname, "../support/certificates");
    const files = `ssl_chain_cert=${folder}/server.pem,ssl_key=${folder}/server-key.pem`;
    await using server = await startMemcached(["-Z", "-o", files]);
    const { ca } = certificates;
    expect(await runCheck(checkOf(server, { host: "localhost", tls: true, ca }))).toMatchObject({ state: "healthy" });
    expect((await runCheck(checkOf(server, { tls: true }))).failure?.reason).toBe("certificate");
    const trusting = checkOf(server, { tls: true, verifyCertificate: false });
    expect(await runCheck(trusting)).toMatchObject({ state: "healthy" });
  });

  itWithService(program, "says that the server does not speak TLS", async () => {
    await using server = await startMemcached();
    const { failure } = await runCheck(checkOf(server, { tls: true }));
    expect(failure).toMatchObject({
      reason: "tls",
      message: "the server does not speak TLS on this port: ask without TLS, or at another port",
    });
  });

  it.each([
    ["SERVER_ERROR out of memory", "unavailable", "the server answered with SERVER_ERROR"],
    ["ERROR", "unexpected_result", "the server does not speak the protocol of memcached"],
    ["VERSION", "unexpected_result", "the server does not speak the protocol of memcached"],
    ["+PONG", "unexpected_result", "the server does not speak the protocol of memcached"],
  ])("repeats nothing of the answer %j", async (answer, reason, message) => {
    const { state, failure } = await answered({}, answer);
    expect({ state, failure }).toMatchObject({ state: "unhealthy", failure: { reason, message } });
  });

  it("shows its password to nothing but a server that asks for one", async () => {
    const login = { username: "alice", password: "right: ü" };
    const unauthenticated = "CLIENT_ERROR unauthenticated";
    const { state, received } = await answered(login, unauthenticated, "STORED", "VERSION 1.6.18");
    expect(state).toBe("healthy");
    expect(received).toEqual(["version\r\n", "set healthspan 0 0 15\r\nalice right: ü\r\n", "version\r\n"]);
    for (const answer of ["VERSION 1.6.18", "ERROR", "SERVER_ERROR x", "HTTP/1.1 400 Bad Request"]) {
      expect((await answered(login, answer)).received).toEqual(["version\r\n"]);
    }
  });

  it("does not take what nobody asked for as the answer of the next run", async () => {
    await using server = await startTcpServer((socket: Socket) => {
      socket.on("data", () => socket.write("VERSION 1\r\nVERSION 1\r\n"));
    });
    const check = checkOf(server);
    for (let run = 1; run <= 3; run += 1) {
      expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "healthy" });
      expect(server.accepted()).toBe(run);
    }
    check.close();
  });

  it("closes its connection when it is closed", async () => {
    await using server = await startTcpServer((socket) => {
      socket.on("data", () => socket.write("VERSION 1\r\n"));
    });
    const check = checkOf(server);
    expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "healthy" });
    expect(server.sockets.size).toBe(1);
    check.close();
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });

  it("connects over the wanted kind of address alone", async () => {
    await using server = await startTcpServer((socket) => {
      socket.on("data", () => socket.write("VERSION 1\r\n"));
    });
    const of = (family: 4 | 6) => runCheck(checkOf(server, { host: "localhost", family }));
    expect((await of(4)).state).toBe("healthy");
    expect((await of(6)).state).toBe("unhealthy"); // The server listens at 127.0.0.1.
  });

  it("asks for the server by its name in TLS", async () => {
    await using server = await startTlsServer(certificates.server, (socket) => {
      socket.on("data", () => socket.write("VERSION 1\r\n"));
    });
    const check = checkOf(server, { host: "localhost", tls: true, ca: certificates.ca });
    expect(await runCheck(check)).toMatchObject({ state: "healthy" });
    expect(server.serverNames).toEqual(["localhost"]);
  });

  it("warns when it takes too long", async () => {
    await using server = await startTcpServer((socket) => {
      socket.on("data", () => setTimeout(() => socket.write("VERSION 1\r\n"), 50));
    });
    const { state, failure } = await runCheck(checkOf(server, { maxResponseTime: "20ms" }));
    expect({ state, reason: failure?.reason }).toEqual({ state: "degraded", reason: "threshold" });
  });

  it("does not keep the process alive between its runs", async () => {
    await using server = await startTcpServer((socket) => {
      socket.on("data", () => socket.write("VERSION 1\r\n"));
    });
    const source = `
      import { Memcached } from "./src/checks/memcached.ts";
      const stayAlive = setInterval(() => {}, 1000);
      await new Memcached({ host: "127.0.0.1", port: ${server.port} }).run(new AbortController().signal);
      clearInterval(stayAlive);
    `;
    await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", source], { timeout: 20_000 });
    expect(server.accepted()).toBe(1);
  });

  it("records that it connects, and what it talks to", async () => {
    await using server = await startTcpServer((socket) => {
      socket.on("data", () => socket.write("VERSION 1\r\n"));
    });
    const { spans } = await recordTelemetry(async () => void (await runCheck(checkOf(server))));
    expect(spans.map(({ name }) => name)).toEqual(["connect", "check Memcached"]);
    expect(spans[1]?.attributes).toMatchObject({
      "db.system.name": "memcached",
      "server.address": "127.0.0.1",
      "server.port": server.port,
    });
  });

  it.each([
    ["a user without a password", { username: "alice" }, "must be given together"],
    ["a password without a user", { password: "right" }, "must be given together"],
    ["a user name with a space", { username: "a b", password: "right" }, "must have no spaces"],
    ["certificates without TLS", { ca: certificates.ca }, "ca needs tls: true"],
    ["a client certificate without its key", { tls: true, clientCertificate: certificates.client.cert }, "together"],
  ])("refuses %s", (_, options, message) => {
    expect(() => new Memcached({ host: "localhost", ...options })).toThrow(message);
  });

  it("asks at port 11211 unless it is given another", () => {
    expect(new Memcached({ host: "cache" }).target).toMatchObject({ address: "cache", port: 11_211 });
  });
});
