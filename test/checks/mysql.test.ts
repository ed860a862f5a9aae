import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Mysql } from "../../src/checks/mysql.ts";
import type { Result } from "../../src/health/result.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { type MariadbServer, mariadbProgram, startMariadb } from "../support/mariadb-server.ts";
import { runCheck } from "../support/run-check.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { startTcpServer } from "../support/throw-away-server.ts";

type Options = Partial<NonNullable<ConstructorParameters<typeof Mysql>[0]>>;

const program = [mariadbProgram];
const folder = join(import.meta.dirname, "../support/certificates");
const password = "right:word/of@probe";

/** Runs the check as it is kept between runs. */
const runKept = (check: Mysql): Promise<Result> => runCheck(check, { keepOpen: true });

/** A packet of MySQL's protocol: its length, its number, its content. */
function packet(number: number, content: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(content.length, 0, 3);
  header[3] = number;
  return Buffer.concat([header, content]);
}

/** How MySQL 8.4 and MariaDB 10.11 say an error before they greet, and after that. */
function errorPacket(number: number, code: number, text: string, sqlState = ""): Buffer {
  const head = Buffer.from([0xff, code % 256, Math.floor(code / 256)]);
  return packet(number, Buffer.concat([head, Buffer.from(sqlState && `#${sqlState}`), Buffer.from(text)]));
}

/** The greeting of MySQL 8.4.0 as it comes over the wire, without TLS: native passwords. */
const greeting = packet(
  0,
  Buffer.concat([
    Buffer.from("\x0a8.4.0\0\x07\0\0\0abcdefgh\0", "latin1"),
    Buffer.from([0xff, 0xf7, 0xff, 0x02, 0x00, 0xff, 0x81, 21, ...Array.from({ length: 10 }, () => 0)]),
    Buffer.from("ijklmnopqrst\0mysql_native_password\0", "latin1"),
  ]),
);
const ok = (number: number): Buffer => packet(number, Buffer.from([0, 0, 0, 2, 0, 0, 0]));

const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);

/** A result of one column and one row. */
function result(column: string, value: string): Buffer {
  const names = ["def", "", "", "", column, ""].map(text);
  const definition = [...names, Buffer.from([12, 45, 0, 0, 1, 0, 0, 0xfd, 0, 0, 0, 0, 0])];
  const end = (number: number): Buffer => packet(number, Buffer.from([0xfe, 0, 0, 2, 0]));
  return Buffer.concat([
    packet(1, Buffer.from([1])),
    packet(2, Buffer.concat(definition)),
    end(3),
    packet(4, text(value)),
    end(5),
  ]);
}

/** A server that greets, lets everybody in, and gives these answers in turn. */
function answering(...answers: readonly Buffer[]) {
  return startTcpServer((socket) => {
    const rest = [ok(2), ...answers];
    socket.write(greeting);
    socket.on("data", () => {
      const answer = rest.shift();
      if (answer !== undefined) socket.write(answer);
    });
  });
}

describe("Mysql", () => {
  let server: MariadbServer;

  const of = (options: Options = {}): Mysql =>
    new Mysql({ host: "127.0.0.1", port: server.port, user: "probe", password, ...options });
  const resultOf = async (options: Options): Promise<Pick<Result, "state" | "failure">> => {
    const { state, failure } = await runCheck(of(options));
    return { state, failure };
  };
  const failureOf = async (options: Options): Promise<Result["failure"]> => (await resultOf(options)).failure;

  beforeAll(async () => {
    if (!mariadbProgram.available) return;
    server = await startMariadb(`--ssl-cert=${folder}/server.pem`, `--ssl-key=${folder}/server-key.pem`);
    await server.ask(
      `CREATE USER probe@127.0.0.1 IDENTIFIED BY '${password}'`,
      `CREATE USER probe@localhost IDENTIFIED BY '${password}'`,
      "CREATE DATABASE shop",
      "CREATE TABLE shop.jobs (id INT)",
      "CREATE USER reader@127.0.0.1 IDENTIFIED BY 'word'",
      "GRANT SELECT ON shop.* TO reader@127.0.0.1",
      "CREATE USER watcher@127.0.0.1 IDENTIFIED BY 'word'",
      "GRANT REPLICA MONITOR ON *.* TO watcher@127.0.0.1",
      "CREATE USER once@127.0.0.1 IDENTIFIED BY 'word' WITH MAX_USER_CONNECTIONS 1",
      "CREATE USER secure@127.0.0.1 IDENTIFIED BY 'word' REQUIRE SSL",
    );
  }, 60_000);

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  describeCheck(Mysql, {
    options: { url: "mysql://root@127.0.0.1:9/", timeout: "1s" },
    network: (port) => ({ host: "127.0.0.1", port, user: "probe" }),
    secrets: (secret, port) => ({ url: `mysql://user:${secret}@127.0.0.1:${port}/shop?sslmode=disable` }),
  });

  itWithService(program, "keeps one connection for all its runs, and closes it as the protocol says", async () => {
    const counters = async (): Promise<Record<string, number>> => {
      const rows = await server.ask("SHOW GLOBAL STATUS WHERE Variable_name IN ('Connections', 'Aborted_clients')");
      return Object.fromEntries(rows.map((row) => [row.Variable_name, Number(row.Value)]));
    };
    const before = await counters();
    const check = of({ query: "SELECT 1 + 1", expected: 2, writable: true });
    for (let run = 0; run < 20; run += 1) expect(await runKept(check)).toMatchObject({ state: "healthy" });
    check.close();
    await vi.waitFor(
      async () => {
        expect(await server.ask("SELECT 1 FROM information_schema.processlist WHERE user = 'probe'")).toEqual([]);
      },
      { timeout: 10_000 },
    );
    const after = await counters();
    expect(after.Aborted_clients).toBe(before.Aborted_clients);
    expect((after.Connections ?? 0) - (before.Connections ?? 0)).toBeLessThanOrEqual(10); // Those that ask included.
  });

  itWithService(program, "says that the login is refused", async () => {
    const refused = { reason: "authentication", message: "user name or password refused" };
    expect(await failureOf({ password: "wrong" })).toMatchObject(refused);
    expect(await failureOf({ user: "nobody" })).toMatchObject(refused);
  });

  itWithService(program, "says that a right, a database or a table is missing", async () => {
    expect(await failureOf({ database: "shop" })).toMatchObject({
      reason: "authentication",
      message: "the user lacks the permission for the database",
    });
    expect(await failureOf({ query: "SELECT 1 FROM shop.jobs" })).toMatchObject({
      reason: "authentication",
      message: "the user lacks the permission for the query",
    });
    const reader = { user: "reader", password: "word" };
    expect(await resultOf({ ...reader, database: "shop" })).toMatchObject({ state: "healthy" });
    expect(await failureOf({ ...reader, query: "SELECT 1 FROM shop.nothing" })).toMatchObject({
      reason: "unexpected_result",
      message: "the server cannot run the query (error 1146)",
    });
    expect(await failureOf({ ...reader, query: "SELEC 1" })).toMatchObject({ reason: "unexpected_result" });
  });

  itWithService(program, "compares what a query gives", async () => {
    const another = { reason: "assertion", message: "the query gave another value than expected" };
    expect(await resultOf({ query: "SELECT 1.00", expected: 1 })).toMatchObject({ state: "healthy" });
    expect(await resultOf({ query: "SELECT 2 > 1", expected: true })).toMatchObject({ state: "healthy" });
    expect(await resultOf({ query: "SELECT NULL", expected: null })).toMatchObject({ state: "healthy" });
    expect(await failureOf({ query: "SELECT 'secret'", expected: "other" })).toMatchObject(another);
    expect(await failureOf({ query: "SELECT 1 WHERE 1 = 0", expected: 1 })).toMatchObject({
      message: "the query gave no row",
    });
  });

  itWithService(program, "lets the server cancel a query at the time-out", async () => {
    const check = of({ query: "SELECT SLEEP(30)", timeout: "400ms" });
    expect((await runKept(check)).failure?.reason).toBe("timeout");
    await vi.waitFor(
      async () => {
        expect(await server.ask("SELECT 1 FROM information_schema.processlist WHERE user = 'probe'")).toEqual([]);
      },
      { timeout: 10_000 },
    );
    check.close();
  });

  itWithService(program, "says that the server accepts no writes", async () => {
    await server.ask("SET GLOBAL read_only = 1");
    try {
      const message = "the server is read-only and accepts no writes";
      expect(await failureOf({ writable: true })).toMatchObject({ reason: "assertion", message });
      expect(await resultOf({})).toMatchObject({ state: "healthy" });
    } finally {
      await server.ask("SET GLOBAL read_only = 0");
    }
  });

  itWithService(program, "says that no connection is left for the user", async () => {
    const first = of({ user: "once", password: "word" });
    expect(await runKept(first)).toMatchObject({ state: "healthy" });
    expect(await failureOf({ user: "once", password: "word" })).toMatchObject({
      reason: "unavailable",
      message: "the server has no connection left for the user",
    });
    first.close();
  });

  itWithService(program, "speaks TLS as sslmode says", async () => {
    const { ca } = certificates;
    const cipher =
      "SELECT VARIABLE_VALUE <> '' FROM information_schema.session_status WHERE VARIABLE_NAME='Ssl_cipher'";
    const secure = { query: cipher, expected: true };
    expect(await resultOf(secure)).toMatchObject({ state: "healthy" });
    expect(await resultOf({ ...secure, sslmode: "require" })).toMatchObject({ state: "healthy" });
    expect(await resultOf({ ...secure, ca })).toMatchObject({ state: "healthy" });
    expect(await resultOf({ ...secure, ca, host: "localhost" })).toMatchObject({ state: "healthy" });
    expect(await resultOf({ query: cipher, expected: false, sslmode: "disable" })).toMatchObject({ state: "healthy" });
    expect((await failureOf({ sslmode: "verify-full" }))?.reason).toBe("certificate");
    expect(await failureOf({ user: "secure", password: "word", sslmode: "disable" })).toMatchObject({
      reason: "authentication", // MariaDB says no more.
    });
  });

  itWithService(program, "does not take a certificate that has expired, or is for another host", async () => {
    const { ca } = certificates;
    for (const [name, message] of [
      ["expired", "certificate has expired: renew it"],
      ["other-host", "certificate is for another host name: it must have the name that is asked for"],
    ]) {
      await server.kill();
      await server.start(`--ssl-cert=${folder}/${name}.pem`, `--ssl-key=${folder}/${name}-key.pem`);
      expect(await failureOf({ ca })).toMatchObject({ reason: "certificate", message });
    }
    expect(await resultOf({ ca, sslmode: "verify-ca" })).toMatchObject({ state: "healthy" });
    await server.kill();
    await server.start();
  });

  itWithService(program, "says that the server does not speak TLS, and does without where it may", async () => {
    await server.kill();
    await server.start("--skip-ssl");
    expect(await failureOf({ sslmode: "require" })).toMatchObject({
      reason: "tls",
      message: "the server does not speak TLS",
    });
    expect(await resultOf({})).toMatchObject({ state: "healthy" });
    await server.kill();
    await server.start();
  });

  itWithService(program, "connects anew when the server was restarted", async () => {
    const check = of();
    expect(await runKept(check)).toMatchObject({ state: "healthy" });
    await server.kill();
    expect(await runKept(check)).toMatchObject({ failure: { reason: "connection_refused" } });
    await server.start();
    expect(await runKept(check)).toMatchObject({ state: "healthy" });
    check.close();
  });

  itWithService(program, "connects over a Unix socket", async () => {
    const check = new Mysql({ path: server.socketPath, user: "probe", password });
    expect(check.target).toMatchObject({ address: server.socketPath, system: "mysql" });
    expect(await runCheck(check)).toMatchObject({ state: "healthy" });
    expect(check.target.system).toBe("mariadb");
    const missing = new Mysql({ path: "/nowhere/socket" });
    expect((await runCheck(missing)).failure).toMatchObject({ message: "no such socket" });
  });

  itWithService(program, "tells how far a replica is behind, or that its replication has stopped", async () => {
    const watcher = { user: "watcher", password: "word", maxReplicationLag: "10s" };
    expect(await failureOf({ maxReplicationLag: "10s" })).toMatchObject({
      reason: "authentication",
      message: "the user lacks the permission for the state of the replication",
    });
    expect(await failureOf(watcher)).toMatchObject({ reason: "assertion", message: "the server is not a replica" });
    await server.ask("CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=9, MASTER_USER='x'");
    expect(await resultOf(watcher)).toMatchObject({
      state: "unhealthy",
      failure: { reason: "unavailable", message: "the replication has stopped" },
    });
    await server.ask("RESET SLAVE ALL");
  });

  itWithService(
    program,
    "is healthy with a replica that follows",
    async () => {
      await using source = await startMariadb("--log-bin", "--server-id=1");
      await source.ask(
        "CREATE USER copier@127.0.0.1 IDENTIFIED BY 'word'",
        "GRANT REPLICATION SLAVE ON *.* TO copier@127.0.0.1",
      );
      const [position] = await source.ask("SHOW MASTER STATUS");
      await server.ask(
        "SET GLOBAL server_id = 2",
        `CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${source.port}, MASTER_USER='copier', MASTER_PASSWORD='word', MASTER_LOG_FILE='${position?.File}', MASTER_LOG_POS=${position?.Position}`,
        "START SLAVE",
      );
      try {
        const check = of({ user: "watcher", password: "word", maxReplicationLag: "10s" });
        await vi.waitFor(async () => expect(await runKept(check)).toMatchObject({ state: "healthy" }), 5000);
        expect((await runKept(check)).measures).toMatchObject([{ name: "replicationLag", unit: "s", value: 0 }]);
        check.close();
      } finally {
        await server.ask("STOP SLAVE", "RESET SLAVE ALL");
      }
    },
    60_000,
  );

  it.each([
    [1040, "08004", "unavailable", "the server has no connection left"],
    [1053, "08S01", "unavailable", "the server is shutting down"],
    [
      1129,
      "HY000",
      "unavailable",
      "the server has blocked this host after broken handshakes: run mysqladmin flush-hosts on the server",
    ],
    [1130, "", "authentication", "the server accepts no connections from this host"],
    [1999, "HY000", "unavailable", "the server answered with an error (1999)"],
  ])("knows error %i in place of a greeting", async (number, sqlState, reason, message) => {
    await using throwAway = await startTcpServer((socket) => void socket.end(errorPacket(0, number, "x", sqlState)));
    const check = new Mysql({ host: "127.0.0.1", port: throwAway.port, user: "probe", timeout: "2s" });
    expect((await runCheck(check)).failure).toMatchObject({ reason, message });
  });

  it.each([
    [1290, "HY000", "assertion", "the server is read-only and accepts no writes"],
    [1820, "HY000", "authentication", "the password has expired: set another"],
    [3024, "HY000", "timeout", "the server cancelled the query"],
    [3159, "HY000", "tls", "the server asks for TLS: give sslmode: require, or ca"],
  ])("knows error %i of MySQL 8.4 in place of an answer", async (number, sqlState, reason, message) => {
    await using throwAway = await answering(errorPacket(1, number, "of the user probe", sqlState));
    const check = new Mysql({ host: "127.0.0.1", port: throwAway.port, user: "probe", timeout: "2s" });
    expect((await runCheck(check)).failure).toMatchObject({ reason, message });
  });

  it.each([
    ["MySQL 8.4", [result("Seconds_Behind_Source", "36")]],
    ["MySQL 5.7", [errorPacket(1, 1064, "x", "42000"), result("Seconds_Behind_Master", "36")]],
  ])("warns of a replica of %s that is too far behind", async (_, answers) => {
    await using throwAway = await answering(result("VERSION()", "8.4.0"), result("1", "1"), ...answers);
    const options = { host: "127.0.0.1", port: throwAway.port, user: "probe", timeout: "2s" };
    const { state, failure, measures } = await runCheck(new Mysql({ ...options, maxReplicationLag: "10s" }));
    expect({ state, failure, measures }).toMatchObject({
      state: "degraded",
      failure: { reason: "threshold", message: "the replica is 36 s behind, expected at most 10s" },
      measures: [{ name: "replicationLag", value: 36 }],
    });
  });

  it("refuses an answer that is too long as soon as it is announced", async () => {
    await using throwAway = await answering(Buffer.from([0xff, 0xff, 0xff, 1]));
    const check = new Mysql({ host: "127.0.0.1", port: throwAway.port, user: "probe", timeout: "2s" });
    expect((await runCheck(check)).failure).toMatchObject({
      reason: "unexpected_result",
      message: "the answer is longer than 1 MiB",
    });
  });

  it("ends with packets that come in another order, and writes nothing of it", async () => {
    await using throwAway = await answering(result("VERSION()", "8.4.0"), ok(9));
    const check = new Mysql({ host: "127.0.0.1", port: throwAway.port, user: "probe", timeout: "1s" });
    expect((await runCheck(check)).failure).toMatchObject({
      reason: "unexpected_result",
      message: "the server does not speak the protocol of MySQL",
    });
  });

  it("gives no file to a server that asks for one", async () => {
    const received: Buffer[] = [];
    const answers = [ok(2), packet(1, Buffer.from("\xfb/etc/passwd", "latin1"))];
    await using throwAway = await startTcpServer((socket) => {
      socket.write(greeting);
      socket.on("data", (data) => {
        received.push(data);
        const answer = answers.shift();
        if (answer !== undefined) socket.write(answer);
      });
    });
    const check = new Mysql({ host: "127.0.0.1", port: throwAway.port, user: "probe", timeout: "1s" });
    expect((await runCheck(check)).failure?.reason).toBe("unexpected_result");
    expect(received.at(-1)?.subarray(4)).toEqual(Buffer.from("\x03SELECT VERSION()")); // Then it hung up.
  });

  itWithService(program, "records that it connects, and what it talks to", async () => {
    const check = of({ database: "mysql", user: "root", password: "x" });
    const { spans } = await recordTelemetry(async () => void (await runCheck(check)));
    expect(spans.map(({ name }) => name)).toEqual(["connect", "check Mysql"]);
    expect(spans[1]?.attributes).toMatchObject({
      "db.system.name": "mysql",
      "db.namespace": "mysql",
      "server.address": "127.0.0.1",
      "server.port": server.port,
    });
  });

  it.each<[object, string]>([
    [{}, "give either url or host (or path)"],
    [{ url: "mysql://a", path: "/b" }, "give only one of url and path"],
    [{ url: "mysql://a?ssl-mode=REQUIRED" }, "instead of ssl-mode in url, give sslmode"],
    [{ url: "mysql://a?charset=x" }, 'unknown parameter "charset" in url (known: sslmode)'],
    [{ url: "mysql://a/b", database: "c" }, "give the database either in url or as database"],
    [{ path: "/a", sslmode: "require" }, "a Unix socket does not need TLS"],
    [{ host: "a", expected: 1 }, "expected goes with query"],
  ])("refuses %o", (options, message) => {
    expect(() => new Mysql(options)).toThrow(`Mysql: ${message}`);
  });

  it("takes what mariadb:// leads to for MariaDB before it has asked", () => {
    expect(new Mysql({ url: "mariadb://db/shop" }).target).toEqual({
      address: "db",
      port: 3306,
      system: "mariadb",
      namespace: "shop",
    });
  });
});
