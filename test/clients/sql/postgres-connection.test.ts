import * as library from "pg";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Postgres } from "../../../src/checks/postgres.ts";
import { openPostgres } from "../../../src/clients/sql/postgres-connection.ts";
import type { Result } from "../../../src/health/result.ts";
import type { Login } from "../../../src/net/login-options.ts";
import { itWithService } from "../../support/it-with-service.ts";
import { postgresMessage, postgresUrl, runningPostgres } from "../../support/postgres-server.ts";
import { runCheck } from "../../support/run-check.ts";
import { startTcpServer } from "../../support/throw-away-server.ts";

const running = [await runningPostgres()];
const authenticated = postgresMessage("R", "\0\0\0\0");
const ready = postgresMessage("Z", "I");
const sasl = postgresMessage("R", "\0\0\0\x0aSCRAM-SHA-256\0\0");

/** How long the question for TLS is. */
const tlsQuestionBytes = 8;

/** Runs the check against a server that declines TLS and answers its messages one by one. */
async function failureBy(answers: readonly Buffer[], sslmode = "disable"): Promise<Result["failure"]> {
  await using server = await startTcpServer((socket) => {
    const left = [...answers];
    socket.on("data", (bytes) => socket.write(bytes.length === tlsQuestionBytes ? "N" : (left.shift() ?? "")));
  });
  const url = `postgres://checker:word@127.0.0.1:${server.port}/shop?sslmode=${sslmode}`;
  const { failure } = await runCheck(new Postgres({ url, timeout: "2s" }));
  await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  return failure;
}

const foreign = {
  reason: "unexpected_result",
  message: "the server does not speak the protocol of PostgreSQL",
  expected: true,
};

describe("a connection to PostgreSQL", () => {
  it.each([
    ["an error without fields", postgresMessage("E", "")],
    ["an error whose fields have no end", postgresMessage("E", "SERROR\0C28000")],
    ["a notice without fields", postgresMessage("N", "")],
    ["a list of mechanisms without an end", postgresMessage("R", "\0\0\0\x0aSCRAM")],
    ["more columns than there can be", Buffer.concat([authenticated, postgresMessage("T", "\xff\xff")])],
  ])("does not stop the event loop at %s", async (_, answer) => {
    expect(await failureBy([answer])).toMatchObject(foreign);
    expect(await failureBy([answer], "prefer")).toMatchObject(foreign);
  });

  it("does not stop the event loop at an error in a later answer", async () => {
    const welcome = Buffer.concat([authenticated, ready]);
    expect(await failureBy([welcome, postgresMessage("E", "")])).toMatchObject(foreign);
  });

  it.each([
    ["parameters", postgresMessage("t", "\xff\xff")],
    ["a copy", postgresMessage("G", "\0\xff\xff")],
    ["a row", postgresMessage("D", "\xff\xff")],
    ["an unknown authentication", postgresMessage("R", "\0\0\0\x63")],
  ])("throws nothing where it cannot be caught at %s whose number is negative or unknown", async (_, message) => {
    expect(await failureBy([Buffer.concat([authenticated, message])])).toMatchObject(foreign);
  });

  it.each([
    ["a row", postgresMessage("D", "\0\0")],
    ["columns", postgresMessage("T", "\0\0")],
    ["the end of a command", postgresMessage("C", "SELECT 1\0")],
    ["the data of a copy", postgresMessage("d", "")],
    ["the proof of a login that was not asked for", postgresMessage("R", "\0\0\0\x0cv=x")],
    ["the salt of a login that was not asked for", postgresMessage("R", "\0\0\0\x0br=x")],
  ])("is not surprised by %s where it does not belong", async (_, message) => {
    const version = postgresMessage("v", "\0\x03\0\0\0\0\0\0");
    for (const before of [authenticated, version]) {
      expect(await failureBy([Buffer.concat([before, message])])).toMatchObject(foreign);
    }
  });

  it("computes one key for a password, however often the server asks", async () => {
    const derive = vi.spyOn(crypto.subtle, "deriveBits");
    await using server = await startTcpServer((socket) => {
      socket.once("data", () => {
        socket.write(sasl);
        socket.once("data", (bytes) => {
          const nonce = /r=(?<nonce>.{24})/.exec(bytes.toString("latin1"))?.groups?.nonce;
          const step = postgresMessage("R", `\0\0\0\x0br=${nonce}more,s=c2FsdA==,i=100000`);
          socket.write(Buffer.concat(Array.from({ length: 200 }, () => step)));
        });
      });
    });
    const url = `postgres://checker:word@127.0.0.1:${server.port}/shop?sslmode=disable`;
    expect((await runCheck(new Postgres({ url }))).failure).toMatchObject(foreign);
    expect(derive.mock.calls.length).toBeLessThanOrEqual(1);
  });

  /** How the check logs in that is configured with an address of PostgreSQL. */
  const loginAt = (address: string): Login => {
    const { hostname, port, username, pathname } = new URL(address);
    const server = { host: hostname, port: Number(port || 5432) };
    const who = { username, password: undefined, tls: undefined, tlsIsOptional: false };
    return { server, ...who, path: pathname.slice(1), parameters: new Map() };
  };

  itWithService(running, "counts the bytes of each answer by itself, however many runs it serves", async () => {
    const lifetime = new AbortController();
    const query = await openPostgres(library, loginAt(postgresUrl), lifetime, () => {});
    for (let run = 0; run < 3; run += 1) {
      expect(await query("SELECT length(repeat('x', 700000)), repeat('x', 700000)")).toHaveLength(1);
    }
    lifetime.abort();
  });

  it("leaves none behind on which TLS was declined, even if the server does not close it", async () => {
    await using server = await startTcpServer((socket) => {
      socket.allowHalfOpen = true;
      socket.on("end", () => {
        const talking = setInterval(() => socket.write("still here"), 20); // So it learns that nobody is there.
        socket.once("close", () => clearInterval(talking));
      });
      socket.on("data", (bytes) => {
        socket.write(bytes.length === tlsQuestionBytes ? "N" : Buffer.concat([authenticated, ready]));
      });
    });
    const lifetime = new AbortController();
    const login = loginAt(`postgres://checker@127.0.0.1:${server.port}/shop`);
    await openPostgres(library, { ...login, tls: {}, tlsIsOptional: true }, lifetime, () => {});
    expect(server.accepted()).toBe(2);
    await vi.waitFor(() => expect(server.sockets.size).toBe(1));
    lifetime.abort();
  });

  describe("in an environment", () => {
    afterEach(() => void vi.unstubAllEnvs());

    itWithService(running, "that says how other programs connect, connects as configured", async () => {
      vi.stubEnv("PGSSLNEGOTIATION", "direct");
      vi.stubEnv("PGHOST", "no-such-host.invalid");
      vi.stubEnv("PGPORT", "1");
      vi.stubEnv("PGUSER", "no-such-user");
      vi.stubEnv("PGDATABASE", "no-such-database");
      expect((await runCheck(new Postgres({ url: postgresUrl }))).failure).toBeUndefined();
    });
  });
});
