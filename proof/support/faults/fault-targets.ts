import { fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { Http } from "../../../src/checks/http.ts";
import { Postgres } from "../../../src/checks/postgres.ts";
import { Redis } from "../../../src/checks/redis.ts";
import type { Reason } from "../../../src/health/errors.ts";
import type { HealthCheck } from "../../../src/health/health-check.ts";
import { askPostgres, postgresUrl } from "../../../test/support/postgres-server.ts";
import { startRedis } from "../../../test/support/redis-server.ts";
import { type FaultyProxy, startFaultyProxy } from "../faulty-proxy.ts";
import type { Fault, Protocol } from "../faulty-proxy-process.ts";
import { connectAndAsk, takeAllConnections } from "./take-all-connections.ts";

/**
 * What is done to a target: by its proxy, by taking all its connections, or by filling its accept queue; or to this process,
 * which gets no more files.
 */
export type FaultName = Exclude<Fault, "none"> | "exhausted" | "queue full" | "no files left";

export const faultNames: readonly FaultName[] = [
  "refuse",
  "silent",
  "slow",
  "reset",
  "rubbish",
  "flood",
  "endless",
  "exhausted",
  "queue full",
  "forgotten",
  "no files left",
];

/** A real server behind a faulty proxy, and the check that watches it. */
export interface FaultTarget extends AsyncDisposable {
  readonly name: Protocol;
  readonly proxy: FaultyProxy;
  readonly makeCheck: (options: { readonly interval: string; readonly timeout: string }) => HealthCheck;
  /** The right reasons for each fault; none for one that no target is to be blamed for. */
  readonly reasons: Readonly<Record<FaultName, readonly Reason[]>>;
  /** Takes all of the server's connections. */
  readonly exhaust: () => Promise<AsyncDisposable>;
}

/** The same for every protocol. */
const reasonsOfAll = {
  refuse: ["connection_refused"],
  silent: ["timeout"],
  slow: ["timeout"],
  reset: ["connection_reset"],
  rubbish: ["unexpected_result"],
  endless: ["unexpected_result"],
  "queue full": ["timeout"],
  forgotten: [],
  "no files left": [],
} as const satisfies Partial<Record<FaultName, readonly Reason[]>>;

/** @param megabytes the length of the longest answer */
export async function startFaultTargets(megabytes: number): Promise<readonly FaultTarget[]> {
  return Promise.all([httpTarget(megabytes), redisTarget(megabytes), postgresTarget(megabytes)]);
}

async function httpTarget(megabytes: number): Promise<FaultTarget> {
  const program = fileURLToPath(new URL("../small-http-server-process.ts", import.meta.url));
  const server = fork(program, [], { env: { ...process.env, NODE_V8_COVERAGE: "" }, execArgv: [] });
  const [{ port }] = (await once(server, "message")) as [AddressInfo]; // The first message of the process.
  const proxy = await startFaultyProxy(port, "http", { megabytes });
  return {
    name: "http",
    proxy,
    makeCheck: (options) =>
      new Http({ ...options, name: "http", url: `http://127.0.0.1:${proxy.port}/`, bodyContains: "well" }),
    reasons: { ...reasonsOfAll, flood: ["unexpected_result"], exhausted: ["connection_reset"] },
    exhaust: () =>
      takeAllConnections(() => connectAndAsk(port, "GET / HTTP/1.1\r\nHost: target\r\n\r\n", "HTTP/1.1 200")),
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      await ended;
    },
  };
}

async function redisTarget(megabytes: number): Promise<FaultTarget> {
  const server = await startRedis({ lines: ["maxclients 6"] });
  const proxy = await startFaultyProxy(server.port, "redis", { megabytes });
  return {
    name: "redis",
    proxy,
    makeCheck: (options) => new Redis({ ...options, name: "redis", url: `redis://127.0.0.1:${proxy.port}` }),
    reasons: { ...reasonsOfAll, flood: ["unexpected_result"], exhausted: ["unavailable"] },
    exhaust: () => takeAllConnections(() => connectAndAsk(server.port, "PING\r\n", "+PONG")),
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function postgresTarget(megabytes: number): Promise<FaultTarget> {
  const { hostname: host, port, pathname, username: user, password } = new URL(postgresUrl);
  const database = pathname.slice(1);
  const admin = { host, port: Number(port || 5432), database, user, password: password || undefined };
  const role = { name: `healthspan_proof_${process.pid}`, password: "proof" };
  // A limit of the role is answered with the same error as one of the server (SQLSTATE 53300), and disturbs no other client.
  await askPostgres(admin, `CREATE ROLE ${role.name} LOGIN CONNECTION LIMIT 4 PASSWORD '${role.password}'`);
  const proxy = await startFaultyProxy(admin.port, "postgres", { megabytes });
  async function take() {
    const client = new Client({ ...admin, user: role.name, password: role.password });
    client.on("error", () => {}); // It only has to hold its connection.
    try {
      await client.connect();
      return { release: () => void client.end() };
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "53300") return undefined;
      throw error;
    }
  }
  return {
    name: "postgres",
    proxy,
    makeCheck: (options) =>
      new Postgres({
        ...options,
        name: "postgres",
        url: `postgres://${role.name}:${role.password}@127.0.0.1:${proxy.port}/${database}?sslmode=disable`,
      }),
    reasons: { ...reasonsOfAll, flood: ["unexpected_result"], exhausted: ["unavailable"] },
    exhaust: () => takeAllConnections(take),
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await askPostgres(admin, `DROP ROLE ${role.name}`);
    },
  };
}
