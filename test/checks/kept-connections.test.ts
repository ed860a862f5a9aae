import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Postgres } from "../../src/checks/postgres.ts";
import { Redis } from "../../src/checks/redis.ts";
import type { HealthCheck } from "../../src/health/health-check.ts";
import type { Result } from "../../src/health/result.ts";
import { itWithService } from "../support/it-with-service.ts";
import {
  askPostgres,
  checkerPassword,
  type PostgresServer,
  postgresMessage,
  postgresProgram,
  postgresUrl,
  runningPostgres,
  startPostgres,
} from "../support/postgres-server.ts";
import { redisProgram, redisUrl, runningRedis, startRedis } from "../support/redis-server.ts";
import { runCheck } from "../support/run-check.ts";
import { startProxy } from "../support/throw-away-proxy.ts";
import { startTcpServer } from "../support/throw-away-server.ts";

/** Runs a check as it is kept between runs. */
const runKept = (check: HealthCheck): Promise<Result> => runCheck(check, { keepOpen: true });
const failureOf = async (check: HealthCheck): Promise<Result["failure"]> => (await runKept(check)).failure;
const healthy = { state: "healthy" };

describe("the connection that redis keeps", () => {
  const program = [redisProgram];

  itWithService(program, "does not keep it down after a failover behind a name", async () => {
    await using first = await startRedis();
    await using second = await startRedis({ lines: [`replicaof 127.0.0.1 ${first.port}`] });
    await using name = await startProxy(first.port);
    const check = new Redis({ host: "127.0.0.1", port: name.port, role: "primary" });
    expect(await runKept(check)).toMatchObject(healthy);
    await second.ask("REPLICAOF", "NO", "ONE");
    await first.ask("REPLICAOF", "127.0.0.1", String(second.port));
    expect(await failureOf(check)).toMatchObject({ message: "the server is a replica, not the primary" });
    name.leadTo(second.port);
    expect(await runKept(check)).toMatchObject(healthy);
    expect(name.sockets.size).toBe(1);
    check.close();
  });

  itWithService(program, "does not flap when a firewall has forgotten it", async () => {
    await using server = await startRedis();
    await using firewall = await startProxy(server.port);
    const check = new Redis({ host: "127.0.0.1", port: firewall.port, timeout: "1s" });
    expect(await runKept(check)).toMatchObject(healthy);
    firewall.forget();
    const { state, durationSeconds } = await runKept(check);
    expect(state).toBe("healthy");
    expect(durationSeconds).toBeGreaterThan(0.49);
    await vi.waitFor(() => expect(firewall.sockets.size).toBe(1));
    check.close();
  });

  itWithService(program, "does not hide forever that its password was changed", async () => {
    await using server = await startRedis({ lines: ["requirepass old-word"], clientArguments: ["-a", "old-word"] });
    const options = { host: "127.0.0.1", port: server.port, password: "old-word" };
    const check = new Redis({ ...options, maxConnectionAge: "0s" });
    const patient = new Redis(options);
    expect(await runKept(check)).toMatchObject(healthy);
    expect(await runKept(patient)).toMatchObject(healthy);
    await server.ask("CONFIG", "SET", "requirepass", "new-word");
    expect(await failureOf(check)).toMatchObject({ message: "user name or password refused" });
    expect(await runKept(patient)).toMatchObject(healthy); // For five minutes at most.
    check.close();
    patient.close();
  });

  itWithService(program, "does not hide forever that the server has no connection left", async () => {
    await using server = await startRedis({ lines: ["maxclients 2"] });
    const options = { host: "127.0.0.1", port: server.port };
    const check = new Redis({ ...options, maxConnectionAge: "0s" });
    const other = new Redis(options);
    for (let run = 0; run < 3; run += 1) expect(await runKept(check)).toMatchObject(healthy);
    expect(await runKept(other)).toMatchObject(healthy);
    expect(await failureOf(check)).toMatchObject({ message: "the server has no connection left" });
    expect(await runKept(check)).toMatchObject(healthy); // It has given up its own.
    check.close();
    other.close();
  });

  itWithService(program, "does not hide forever that its name leads nowhere", async () => {
    await using server = await startRedis();
    await using name = await startProxy(server.port);
    const check = new Redis({ host: "127.0.0.1", port: name.port, maxConnectionAge: "0s", timeout: "1s" });
    expect(await runKept(check)).toMatchObject(healthy);
    await name.leadNowhere();
    expect(await failureOf(check)).toMatchObject({ reason: "connection_reset" });
    await vi.waitFor(() => expect(name.sockets.size).toBe(0));
    check.close();
  });

  itWithService(program, "is one at a time, however often it is replaced", async () => {
    await using server = await startRedis();
    const check = new Redis({ host: "127.0.0.1", port: server.port, maxConnectionAge: "0s" });
    for (let run = 0; run < 50; run += 1) expect(await runKept(check)).toMatchObject(healthy);
    const clients = async (): Promise<number> =>
      (await server.ask("CLIENT", "LIST", "TYPE", "normal")).split("\n").filter((line) => !line.includes("cmd=client"))
        .length;
    await vi.waitFor(async () => expect(await clients()).toBe(1));
    check.close();
    await vi.waitFor(async () => expect(await clients()).toBe(0));
  });

  itWithService(program, "leaves time to ask the server when the sentinel's has fallen silent", async () => {
    await using primary = await startRedis();
    await using sentinel = await startRedis({
      sentinel: true,
      lines: [`sentinel monitor shop 127.0.0.1 ${primary.port} 1`],
    });
    await using firewall = await startProxy(sentinel.port);
    const check = new Redis({ sentinels: [`127.0.0.1:${firewall.port}`], masterName: "shop", timeout: "1200ms" });
    expect(await runKept(check)).toMatchObject(healthy);
    firewall.forget();
    await primary.ask("CLIENT", "KILL", "TYPE", "normal");
    expect(await runKept(check)).toMatchObject(healthy);
    check.close();
  });
});

describe("the connection that postgres keeps", () => {
  const program = [postgresProgram];
  let server: PostgresServer;
  beforeAll(async () => {
    if (postgresProgram.available) server = await startPostgres(join(import.meta.dirname, "../support/certificates"));
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });
  const own = (options: object = {}): ConstructorParameters<typeof Postgres>[0] => ({
    host: "127.0.0.1",
    port: server.port,
    database: "postgres",
    user: "checker",
    password: checkerPassword,
    ...options,
  });
  /** Asks as the owner of the server, over its Unix socket. */
  const ask = (text: string): Promise<readonly string[]> =>
    askPostgres({ host: server.folder, port: server.port, user: "checker", database: "postgres" }, text);

  itWithService(program, "does not hide forever that its password was changed, or that it may not log in", async () => {
    await ask("CREATE ROLE changing LOGIN PASSWORD 'old-word'");
    const check = new Postgres(own({ user: "changing", password: "old-word", maxConnectionAge: "0s" }));
    const patient = new Postgres(own({ user: "changing", password: "old-word" }));
    expect(await runKept(check)).toMatchObject(healthy);
    expect(await runKept(patient)).toMatchObject(healthy);
    await ask("ALTER ROLE changing PASSWORD 'new-word'");
    expect(await failureOf(check)).toMatchObject({ message: "user name or password refused" });
    expect(await runKept(patient)).toMatchObject(healthy); // For five minutes at most.
    await ask("ALTER ROLE changing PASSWORD 'old-word'");
    expect(await runKept(check)).toMatchObject(healthy);
    await ask("ALTER ROLE changing NOLOGIN");
    expect(await failureOf(check)).toMatchObject({ message: "the server does not let the user in" });
    check.close();
    patient.close();
  });

  itWithService(program, "gives up its place when its user may have one connection only", async () => {
    await ask(`CREATE ROLE lonely LOGIN PASSWORD 'word' CONNECTION LIMIT 1`);
    const check = new Postgres(own({ user: "lonely", password: "word", maxConnectionAge: "0s" }));
    for (let run = 0; run < 5; run += 1) expect(await runKept(check)).toMatchObject(healthy);
    const other = new Postgres(own({ user: "lonely", password: "word" }));
    expect(await failureOf(other)).toMatchObject({
      reason: "unavailable",
      message: "the server has no connection left for the user",
    });
    check.close();
    other.close();
  });

  itWithService(program, "does not hide forever that the server has no connection left", async () => {
    const check = new Postgres(own({ user: "unspecial", password: "word", maxConnectionAge: "0s" }));
    await ask("CREATE ROLE \"unspecial\" LOGIN PASSWORD 'word'");
    expect(await runKept(check)).toMatchObject(healthy);
    const clients: Client[] = [];
    try {
      for (;;) {
        const client = new Client({ ...own(), user: "unspecial", password: "word" });
        client.on("error", () => {}); // It is there to be in the way.
        clients.push(client);
        await client.connect();
      }
    } catch (error) {
      expect(error).toMatchObject({ code: "53300" });
    }
    expect(await failureOf(check)).toMatchObject({ message: "the server has no connection left" });
    await Promise.all(clients.map((client) => client.end()));
    await vi.waitFor(async () => expect(await runKept(check)).toMatchObject(healthy));
    check.close();
  });

  itWithService(program, "is one at a time, however often it is replaced", async () => {
    const check = new Postgres(own({ maxConnectionAge: "0s" }));
    const clients = () => ask("SELECT state FROM pg_stat_activity WHERE application_name = 'healthspan'");
    for (let run = 0; run < 20; run += 1) expect(await runKept(check)).toMatchObject(healthy);
    await vi.waitFor(async () => expect(await clients()).toEqual(["idle"]));
    check.close();
    await vi.waitFor(async () => expect(await clients()).toEqual([]));
  });

  itWithService(program, "does not flap when a firewall has forgotten it", async () => {
    await using firewall = await startProxy(server.port);
    const check = new Postgres(own({ port: firewall.port, timeout: "2s" }));
    expect(await runKept(check)).toMatchObject(healthy);
    firewall.forget();
    expect(await runKept(check)).toMatchObject(healthy);
    check.close();
  });

  itWithService(program, "does not halve the time of a query that needs more than half of it", async () => {
    const check = new Postgres(own({ query: "SELECT pg_sleep(1)", timeout: "1800ms" }));
    for (let run = 0; run < 3; run += 1) expect(await runKept(check)).toMatchObject(healthy);
    check.close();
  });

  it("does not keep it down after a failover behind a name, and lets no query run on that it gave up", async () => {
    let primary = 1;
    let connections = 0;
    const queries: string[] = [];
    await using name = await startTcpServer((socket) => {
      connections += 1;
      const number = connections;
      socket.once("data", () => {
        socket.write(Buffer.concat([postgresMessage("R", "\0\0\0\0"), postgresMessage("Z", "I")]));
        socket.on("data", (bytes) => {
          const text = bytes.toString("latin1");
          queries.push(text);
          const [recovering, readOnly] = number === primary ? ["f", "off"] : ["t", "on"];
          socket.write(rowOf(...(text.includes("pg_is_in_recovery") ? [recovering, readOnly] : ["1"])));
        });
      });
    });
    const url = `postgres://checker@127.0.0.1:${name.port}/shop?sslmode=disable`;
    const check = new Postgres({ url, writable: true, query: "SELECT 1", expected: 1, timeout: "3s" });
    expect(await runKept(check)).toMatchObject(healthy);
    expect(await runKept(check)).toMatchObject(healthy);
    primary = 2;
    expect(await runKept(check)).toMatchObject(healthy);
    expect(connections).toBe(2);
    const limits = queries.flatMap((text) => /statement_timeout = (\d+)/.exec(text)?.[1] ?? []);
    expect(limits).toEqual(["3000", "1500", "3000"]);
    check.close();
  });
});

/** What a server of PostgreSQL answers with one row of texts. */
function rowOf(...values: readonly string[]): Buffer {
  const count = String.fromCharCode(0, values.length);
  const fields = values.map((value) => `${String.fromCharCode(0, 0, 0, value.length)}${value}`).join("");
  return Buffer.concat([
    postgresMessage("T", `${count}${"x\0".concat("\0".repeat(18)).repeat(values.length)}`),
    postgresMessage("D", `${count}${fields}`),
    postgresMessage("C", "SELECT 1\0"),
    postgresMessage("Z", "I"),
  ]);
}

describe("a program that keeps connections", async () => {
  const services = [await runningRedis(), await runningPostgres()];

  itWithService(services, "ends by itself although no check was closed", async () => {
    const program = `
      import { Postgres } from "./src/checks/postgres.ts";
      import { Redis } from "./src/checks/redis.ts";
      const { signal } = new AbortController();
      const atWork = setInterval(() => {}, 1000);
      await new Redis({ url: ${JSON.stringify(redisUrl)} }).run(signal);
      await new Postgres({ url: ${JSON.stringify(postgresUrl)} }).run(signal);
      clearInterval(atWork);
    `;
    const flags = ["--input-type=module", "--eval", program];
    await promisify(execFile)(process.execPath, flags, { timeout: 20_000 });
  });
});
