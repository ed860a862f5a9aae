import { ServiceReturnedUnexpectedResult, ServiceUnavailable, ServiceWarning } from "../../health/errors.ts";
import type { RedisAddress, RedisConnection } from "./redis-connection.ts";
import { foreignProtocol } from "./redis-error.ts";

/** What a server calls itself in its answer to `ROLE`. */
const roleWords = { primary: "master", replica: "slave" } as const;

/** @throws ServiceReturnedUnexpectedResult when the server has another role */
export async function expectRole(server: RedisConnection, role: "primary" | "replica"): Promise<void> {
  const reply = await server.command("ROLE");
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
export async function primaryAddress(sentinel: RedisConnection, masterName: string): Promise<RedisAddress> {
  const reply = await sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName);
  if (reply === null) throw new ServiceUnavailable(`the sentinels know no primary called ${masterName}`);
  const [host, port]: readonly unknown[] = Array.isArray(reply) ? reply : [];
  if (typeof host !== "string" || typeof port !== "string") throw foreignProtocol();
  return { host, port: Number(port) };
}

/** A cluster spreads its keys over so many slots (Redis Cluster Specification, "Key distribution model"). */
const slotCount = 16_384;

/**
 * Asks a node how it sees its cluster.
 * @throws ServiceUnavailable when the cluster is down, ServiceWarning when a part of the keys is not served
 */
export async function expectClusterOk(node: RedisConnection): Promise<void> {
  const information = String(await node.command("CLUSTER", "INFO"));
  const state = /^cluster_state:(\w+)/m.exec(information)?.[1];
  if (state === undefined) throw foreignProtocol();
  if (state !== "ok") throw new ServiceUnavailable(`the state of the cluster is ${state}`);
  const served = Number(/^cluster_slots_ok:(\d+)/m.exec(information)?.[1]);
  const missing = slotCount - served;
  if (missing === 0) return;
  throw new ServiceWarning(`${missing} of the cluster's ${slotCount} slots ${missing === 1 ? "is" : "are"} not served`);
}
