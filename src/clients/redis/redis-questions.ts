import { isIPv6 } from "node:net";
import { ServiceReturnedUnexpectedResult, ServiceUnavailable, ServiceWarning } from "../../health/errors.ts";
import { parseServers, type ServerAddress } from "../../net/server-list.ts";
import type { RedisCommand } from "./redis-connection.ts";
import { foreignRedis } from "./redis-error.ts";

/** What a server calls itself in its answer to `ROLE`. */
const roleWords = { primary: "master", replica: "slave" } as const;

/** @throws ServiceReturnedUnexpectedResult when the server has another role */
export async function expectRole(ask: RedisCommand, role: "primary" | "replica"): Promise<void> {
  const reply = await ask("ROLE");
  const word: unknown = Array.isArray(reply) ? reply[0] : undefined;
  if (word === roleWords[role]) return;
  const found = word === "master" ? "the primary" : word === "slave" ? "a replica" : "neither primary nor replica";
  const expected = role === "primary" ? "the primary" : "a replica";
  throw new ServiceReturnedUnexpectedResult(`the server is ${found}, not ${expected}`, { reason: "assertion" });
}

/**
 * Asks a sentinel where the primary is.
 * @throws ServiceUnavailable when it knows no primary of that name
 */
export async function primaryAddress(ask: RedisCommand, masterName: string): Promise<ServerAddress> {
  const reply = await ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName);
  if (reply === null) throw new ServiceUnavailable(`the sentinels do not know a primary called ${masterName}`);
  const [host, port]: readonly unknown[] = Array.isArray(reply) ? reply : [];
  const [server] = parseServers([isIPv6(String(host)) ? `[${host}]:${port}` : `${host}:${port}`], 0);
  if (server === undefined) throw foreignRedis();
  return server;
}

/** The number of slots that a cluster spreads its keys over (Redis Cluster Specification, "Key distribution model"). */
const slotCount = 16_384;

/**
 * Asks a node how it sees its cluster.
 * @throws ServiceUnavailable when the cluster is down, ServiceWarning when a part of the keys is not served
 */
export async function expectClusterOk(ask: RedisCommand): Promise<void> {
  const information = String(await ask("CLUSTER", "INFO"));
  const state = /^cluster_state:(\w{1,20})/m.exec(information)?.[1];
  if (state === undefined) throw foreignRedis();
  if (state !== "ok") throw new ServiceUnavailable(`the state of the cluster is ${state}`);
  const missing = slotCount - Number(/^cluster_slots_ok:(\d{1,5})/m.exec(information)?.[1]);
  if (Number.isNaN(missing)) throw foreignRedis();
  if (missing === 0) return;
  throw new ServiceWarning(`${missing} of the cluster's ${slotCount} slots ${missing === 1 ? "is" : "are"} not served`);
}
