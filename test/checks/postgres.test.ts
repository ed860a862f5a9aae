import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Postgres } from "../../src/checks/postgres.ts";
import type { Result } from "../../src/health/result.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { leavesNothingBehind } from "../support/leaves-nothing-behind.ts";
import {
  askPostgres,
  checkerPassword,
  type PostgresServer,
  postgresErrorMessage,
  postgresMessage,
  postgresProgram,
  postgresUrl,
  runningPostgres,
  startPostgres,
} from "../support/postgres-server.ts";
import { runCheck } from "../support/run-check.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { startTcpServer } from "../support/throw-away-server.ts";

type Options = NonNullable<ConstructorParameters<typeof Postgres>[0]>;

const certificates = join(import.meta.dirname, "../support/certificates");
const pem = (name: string): string => readFileSync(join(certificates, `${name}.pem`), "utf8");
const running = [await runningPostgres()];
const program = [postgresProgram];

/** Runs the check as it is kept between runs. */
const runKept = (check: Postgres): Promise<Result> => runCheck(check, { keepOpen: true });
const failureOf = async (options: Options): Promise<Result["failure"]> =>
  (await runCheck(new Postgres(options))).failure;

/** The check, known to the server by a name of its own, and how many connections it has. */
function named(name: string, options: Omit<Options, "url"> = {}) {
  const check = new Postgres({ ...options, url: `${postgresUrl}?application_name=${name}` });
  const states = (): Promise<readonly string[]> =>
    askPostgres(
      { connectionString: postgresUrl },
      `SELECT state FROM pg_stat_activity WHERE application_name = '${name}'`,
    );
  return { check, states };
}

describe("Postgres", () => {
  describeCheck(Postgres, {
    options: { url: postgresUrl },
    network: (port) => ({ host: "127.0.0.1", port, timeout: "1s" }),
    secrets: (secret, port) => ({
      url: `postgres://user:${secret}@127.0.0.1:${port}/shop?sslmode=disable&options=-c%20${secret}=1`,
    }),
  });

  itWithService(running, "keeps one connection for all its runs", async () => {
    const { check, states } = named("one-connection", { writable: true });
    for (let run = 0; run < 200; run += 1) expect((await runKept(check)).state).toBe("healthy");
    expect(await states()).toEqual(["idle"]);
    check.close();
    await vi.waitFor(async () => expect(await states()).toEqual([]));
  });

  itWithService(running, "connects anew when the server has closed the idle connection", async () => {
    const { check, states } = named("terminated");
    expect((await runKept(check)).state).toBe("healthy");
    const terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'terminated'";
    await askPostgres({ connectionString: postgresUrl }, terminate);
    await vi.waitFor(async () => expect(await states()).toEqual([]));
    expect((await runKept(check)).state).toBe("healthy");
    check.close();
  });

  itWithService(running, "compares what a query gives", async () => {
    const of = (query: string, expected?: string | number | boolean | null): Promise<Result["failure"]> =>
      failureOf({ url: postgresUrl, query, ...(expected !== undefined && { expected }) });
    expect(await of("SELECT 1 WHERE false")).toBeUndefined();
    expect(await of("SELECT 5;", 5)).toBeUndefined();
    expect(await of("SELECT 1.50 -- one and a half", 1.5)).toBeUndefined();
    expect(await of("SELECT 'up', 'down'", "up")).toBeUndefined();
    expect(await of("SELECT 2 > 1", true)).toBeUndefined();
    expect(await of("SELECT NULL", null)).toBeUndefined();
    expect(await of("SELECT 1; SELECT 2", 2)).toBeUndefined();
    const other = {
      kind: "Unexpected Result",
      reason: "assertion",
      message: "the query gave another value than expected",
    };
    expect(await of("SELECT 4", 5)).toMatchObject(other);
    expect(await of("SELECT ''", 0)).toMatchObject(other);
    expect(await of("SELECT NULL", "")).toMatchObject(other);
    expect(await of("SELECT 2 > 1", false)).toMatchObject(other);
    expect(await of("SELECT 1 WHERE false", 1)).toMatchObject({
      reason: "assertion",
      message: "the query gave no row",
    });
    expect(await of("SELECT nothing")).toMatchObject({
      reason: "unexpected_result",
      message: "the server cannot run the query (SQLSTATE 42703)",
    });
  });

  itWithService(running, "reads no answer to its end that is far too long, in one row or in many", async () => {
    for (const query of ["SELECT repeat('x', 2000000)", "SELECT generate_series(1, 10000000)"]) {
      const failure = await failureOf({ url: postgresUrl, query });
      expect(failure).toMatchObject({ reason: "unexpected_result", message: "the answer is longer than 1 MiB" });
    }
  });

  itWithService(running, "leaves no query behind in the server when it takes too long", async () => {
    const { check, states } = named("too-long", { query: "SELECT pg_sleep(60)", timeout: "300ms" });
    expect((await runKept(check)).failure).toMatchObject({
      reason: "timeout",
      message: expect.stringMatching(/^(?:timed out after 300ms|the server cancelled the query)$/), // Whoever is first.
    });
    try {
      await vi.waitFor(async () => expect(await states()).toEqual([]), { timeout: 3000 });
    } finally {
      check.close();
      const end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'too-long'";
      await askPostgres({ connectionString: postgresUrl }, end); // Else later runs would find it.
    }
  });

  itWithService(running, "refuses a server that accepts no writes when asked to", async () => {
    const readOnly = `${postgresUrl}?options=${encodeURIComponent("-c default_transaction_read_only=on")}`;
    expect(await failureOf({ url: readOnly })).toBeUndefined();
    expect(await failureOf({ url: postgresUrl, writable: true })).toBeUndefined();
    expect(await failureOf({ url: readOnly, writable: true })).toMatchObject({
      kind: "Unexpected Result",
      reason: "assertion",
      message: "the server is read-only and accepts no writes",
    });
  });

  itWithService(running, "needs no user, and says that a database does not exist", async () => {
    const { hostname, port, username } = new URL(postgresUrl);
    const at = { host: hostname, port: Number(port || 5432) };
    expect(await failureOf({ ...at, user: username, database: "no-such-database" })).toMatchObject({
      reason: "unavailable",
      message: "the server has no database of that name",
    });
    expect(await failureOf({ ...at, user: "no-such-user", database: "test" })).toMatchObject({
      reason: "authentication",
    });
    // Without a user it is that of this process: whether the server lets it in or not, it is asked for.
    const asked = await failureOf({
      ...at,
      database: "test",
      query: "SELECT current_user",
      expected: userInfo().username,
    });
    expect(asked?.reason).toBe(userInfo().username === username ? undefined : "authentication");
  });

  itWithService(running, "records the phase in which it connects", async () => {
    const check = new Postgres({ url: postgresUrl });
    const { spans } = await recordTelemetry(async () => {
      await runKept(check);
      await runKept(check);
    });
    check.close();
    expect(spans.map(({ name }) => name)).toEqual(["connect", "check Postgres", "check Postgres"]);
  });

  describe("with a server of its own", () => {
    let server: PostgresServer;
    beforeAll(async () => {
      if (postgresProgram.available) server = await startPostgres(certificates);
    });
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]();
    });
    const own = (options: Options = {}) => ({
      host: "127.0.0.1",
      port: server.port,
      database: "postgres",
      user: "checker",
      password: checkerPassword,
      ...options,
    });

    itWithService(program, "tells a refused login from an unreachable server", async () => {
      expect(await failureOf(own())).toBeUndefined();
      const encoded = encodeURIComponent(checkerPassword);
      const url = `postgresql://checker:${encoded}@127.0.0.1:${server.port}/postgres?sslmode=disable`;
      expect(await failureOf({ url })).toBeUndefined();
      const refused = { reason: "authentication", message: "user name or password refused" };
      expect(await failureOf(own({ password: "wrong" }))).toMatchObject(refused);
      expect(await failureOf(own({ user: "nobody" }))).toMatchObject(refused);
      const { host, port } = own();
      expect(await failureOf({ host, port, user: "checker" })).toMatchObject({
        reason: "authentication",
        message: "the server asks for a password",
      });
    });

    itWithService(program, "reaches a server by its Unix socket", async () => {
      expect(await failureOf(own({ host: server.folder, sslmode: "require" }))).toBeUndefined();
      const url = `postgres://checker@${encodeURIComponent(server.folder)}:${server.port}/postgres`;
      expect(await failureOf({ url })).toBeUndefined();
      expect(await failureOf(own({ host: "/no/such/folder" }))).toMatchObject({ reason: "connection_refused" });
    });

    itWithService(program, "notices that the server went away, and that it came back", async () => {
      const check = new Postgres(own());
      expect((await runKept(check)).state).toBe("healthy");
      await server.kill();
      expect((await runKept(check)).failure).toMatchObject({ reason: "connection_refused" });
      expect((await runKept(check)).failure).toMatchObject({ reason: "connection_refused" });
      await server.start();
      expect((await runKept(check)).state).toBe("healthy");
      check.close();
    });

    itWithService(program, "speaks TLS as the modes of libpq say", async () => {
      expect(await failureOf(own({ sslmode: "require" }))).toMatchObject({
        reason: "tls",
        message: "the server does not speak TLS",
      });
      await server.kill();
      await server.start("ssl=on", "ssl_cert_file=server.pem", "ssl_key_file=server-key.pem", "ssl_ca_file=ca.pem");
      const encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
      const issued = "SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
      const ca = pem("ca");
      const untrusted = { reason: "certificate" };
      expect(await failureOf(own({ query: encrypted, expected: true }))).toBeUndefined();
      expect(await failureOf(own({ query: encrypted, expected: false, sslmode: "disable" }))).toBeUndefined();
      expect(await failureOf(own({ query: encrypted, expected: true, sslmode: "require" }))).toBeUndefined();
      expect(await failureOf(own({ query: encrypted, expected: true, ca }))).toBeUndefined();
      expect(await failureOf(own({ sslmode: "verify-full" }))).toMatchObject(untrusted);
      const client = { clientCertificate: pem("client"), clientKey: pem("client-key") };
      expect(await failureOf(own({ ca, ...client, query: issued, expected: "/CN=healthspan" }))).toBeUndefined();

      await server.kill();
      await server.start("ssl=on", "ssl_cert_file=other-host.pem", "ssl_key_file=other-host-key.pem");
      expect(await failureOf(own({ sslmode: "verify-ca", ca }))).toBeUndefined();
      expect(await failureOf(own({ sslmode: "require", ca }))).toBeUndefined();
      expect(await failureOf(own({ sslmode: "verify-full", ca }))).toMatchObject({
        reason: "certificate",
        message: "certificate is for another host name: it must have the name that is asked for",
      });
    });

    itWithService(program, "refuses a replica when asked to", async () => {
      await server.kill();
      await server.becomeReplica();
      await server.start();
      expect(await failureOf(own())).toBeUndefined();
      expect(await failureOf(own({ writable: true }))).toMatchObject({
        kind: "Unexpected Result",
        reason: "assertion",
        message: "the server is a replica and accepts no writes",
      });
    });
  });

  it("gives up a kept connection on which no answer comes, and tries once more when one is lost", async () => {
    let answer: "rows" | "nothing" | "end" = "rows";
    await using server = await startTcpServer((socket) => {
      let loggedIn = false;
      socket.on("data", () => {
        const now = answer;
        if (loggedIn && now === "nothing") return;
        if (loggedIn && now === "end") {
          answer = "rows";
          socket.destroy();
        } else socket.write(loggedIn ? oneRow : welcome);
        loggedIn = true;
      });
    });
    const url = `postgres://checker@127.0.0.1:${server.port}/shop?sslmode=disable`;
    const check = new Postgres({ url, timeout: "300ms" });
    expect((await runKept(check)).state).toBe("healthy");
    answer = "nothing";
    expect((await runKept(check)).failure).toMatchObject({
      reason: "timeout",
      message: expect.stringMatching(/^(?:timed out after 300ms|the server cancelled the query)$/), // Whoever is first.
    });
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
    answer = "rows";
    expect((await runKept(check)).state).toBe("healthy");
    answer = "end";
    expect((await runKept(check)).state).toBe("healthy");
    expect(server.accepted()).toBe(4); // One more when no answer came.
    check.close();
  });

  it("lets go of a connection whose server promises TLS and falls silent", async () => {
    await using server = await startTcpServer((socket) => void socket.once("data", () => socket.write("S")));
    await leavesNothingBehind(async () => {
      const url = `postgres://checker@127.0.0.1:${server.port}/shop?sslmode=require`;
      expect(await failureOf({ url, timeout: "300ms" })).toMatchObject({
        reason: "timeout",
        message: expect.stringMatching(/^(?:timed out after 300ms|the server cancelled the query)$/), // Whoever is first.
      });
      await vi.waitFor(() => expect(server.sockets.size).toBe(0));
    });
  });

  it.each([
    ["28P01", "authentication", "user name or password refused"],
    ["28000", "authentication", "the server does not let the user in"],
    ["3D000", "unavailable", "the server has no database of that name"],
    ["53300", "unavailable", "the server has no connection left"],
    ["53100", "unavailable", "the server lacks memory or disk space"],
    ["57P01", "unavailable", "the server is shutting down"],
    ["57P03", "unavailable", "the server is starting, stopping or recovering"],
    ["XX000", "unavailable", "the server answered with an error (SQLSTATE XX000)"],
    ["hidden-value", "unexpected_result", "the server does not speak the protocol of PostgreSQL"],
  ])("knows what the SQLSTATE %s means, and does not repeat the server's text", async (code, reason, message) => {
    const error = postgresErrorMessage(code, "a text with a hidden-value");
    await using server = await startTcpServer((socket) => void socket.on("data", () => socket.write(error)));
    const failure = await failureOf({ url: `postgres://checker@127.0.0.1:${server.port}/shop?sslmode=disable` });
    expect(failure).toMatchObject({ reason, message, expected: true });
    expect(inspect(failure)).not.toContain("hidden-value");
  });

  it.each([
    ["an HTTP server", "disable", "HTTP/1.1 400 Bad Request\r\n\r\n"],
    ["an HTTP server asked for TLS", "require", "HTTP/1.1 400 Bad Request\r\n\r\n"],
    ["an SSH server asked for TLS", "require", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["a way to log in that nobody knows", "disable", postgresMessage("R", "\0\0\0\x63")],
    [
      "a message that nobody knows",
      "disable",
      Buffer.concat([postgresMessage("R", "\0\0\0\0"), postgresMessage("?", "?")]),
    ],
  ])("survives %s (sslmode %s)", async (_, sslmode, greeting) => {
    await using server = await startTcpServer((socket) => void socket.write(greeting));
    const failure = await failureOf({ url: `postgres://checker@127.0.0.1:${server.port}/shop?sslmode=${sslmode}` });
    expect(failure).toMatchObject({ reason: "unexpected_result", expected: true });
  });

  it("publishes where the server is and not who asks", () => {
    const byUrl = new Postgres({ url: "postgres://user:word@db/shop?sslmode=require" });
    expect(byUrl.labels).toEqual({ url: "postgres://db/shop" });
    expect(byUrl.target).toEqual({ address: "db", port: 5432, system: "postgresql", namespace: "shop" });
    const byHost = new Postgres({ host: "db", port: 5433, database: "shop", user: "user", password: "word" });
    expect(byHost.labels).toEqual({ host: "db", port: "5433", database: "shop" });
    expect(byHost.target).toMatchObject({ address: "db", port: 5433, namespace: "shop" });
  });

  it.each<[Options, string]>([
    [{}, "give either url or host"],
    [{ url: "postgres://a", host: "b" }, "give only one of url and host"],
    [{ url: "mysql://a" }, "url: must be an address that starts with postgres:// or postgresql://"],
    [{ url: "postgres://a", port: 1 }, "port goes with host; elsewhere it is part of the address"],
    [{ url: "postgres://a/b", database: "b" }, "give the database either in url or as database"],
    [{ url: "postgres://a@b", user: "a" }, "give the user name either in url or as user"],
    [{ url: "postgres://a:b@c", password: "b" }, "give the password either in url or as password"],
    [{ url: "postgres://a?sslmode=require", sslmode: "require" }, "give sslmode either in url or as sslmode"],
    [{ url: "postgres://a?sslmode=maybe" }, "sslmode in url must be one of disable, prefer, require, verify-ca"],
    [{ url: "postgres://a?sslrootcert=/a" }, "instead of sslrootcert in url, give ca, clientCertificate and clientKey"],
    [
      { url: "postgres://a?host=/b" },
      "instead of host in url, give host, port, user, password and database as options",
    ],
    [{ url: "postgres://a?port=1" }, "instead of port in url, give host, port, user, password and database as options"],
    [{ url: "postgres://a,b" }, "url names several hosts: make a check of each"],
    [{ url: "postgres://a:1,b:2" }, "url: must name one host: make a check of each"],
    [{ host: "a,b" }, "host: must be the name or address of a host, or the folder of a Unix socket"],
    [
      { url: "postgres://a?target_session_attrs=read-write" },
      "instead of target_session_attrs in url, give writable: true to demand a server that accepts writes",
    ],
    [{ url: "postgres://a?channel_binding=require" }, "instead of channel_binding in url, give sslmode: verify-full"],
    [{ url: "postgres://a?sslmode=allow" }, "sslmode in url must be one of disable, prefer, require, verify-ca"],
    [{ url: "postgres://a?ssl=true" }, "instead of ssl in url, give sslmode"],
    [{ url: "postgres://a?schema=b" }, 'unknown parameter "schema" in url (known: sslmode, application_name, options)'],
    [{ url: "postgres://a?sslmode=no-verify", ca: pem("ca") }, "no-verify in url and ca contradict each other"],
    [{ host: "a", sslmode: "disable", ca: pem("ca") }, "certificates need TLS: sslmode must not be disable"],
    [{ host: "a", sslmode: "verify-ca" }, "verify-ca needs ca: anyone can get a certificate of a well-known authority"],
    [{ host: "a", clientCertificate: pem("client") }, "clientCertificate and clientKey must be given together"],
    [{ host: "a", expected: 1 }, "expected goes with query"],
    [{ host: "user:word@a" }, "host: must be the name or address of a host, or the folder of a Unix socket"],
  ])("refuses %o", (options, message) => {
    expect(() => new Postgres(options)).toThrow(`Postgres: ${message}`);
  });
});

/** What a server sends that lets everybody in, and is ready for a query. */
const welcome = Buffer.concat([postgresMessage("R", "\0\0\0\0"), postgresMessage("Z", "I")]);
/** What a server sends for `SELECT 1`: the columns, a row, the end. */
const oneRow = Buffer.concat([
  postgresMessage("T", "\0\x01x\0\0\0\0\0\0\0\0\0\0\x17\0\x04\0\0\0\0\0\0"),
  postgresMessage("D", "\0\x01\0\0\0\x011"),
  postgresMessage("C", "SELECT 1\0"),
  postgresMessage("Z", "I"),
]);
