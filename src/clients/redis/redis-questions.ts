import { randomUUID } from "node:crypto";
import { isIPv6 } from "node:net";
import { ServiceReturnedUnexpectedResult, ServiceUnavailable, ServiceWarning } from "../../health/errors.ts";
import type { Duration } from "../../health/time/duration.ts";
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

/** How long what was stored for a moment stays when the connection is lost before it is deleted, in milliseconds. */
const leftoverMilliseconds = "5000";

/**
 * Stores a value under a key of its own, reads it and deletes it.
 * @throws ServiceReturnedUnexpectedResult when another value is read
 */
export async function expectRoundTrip(ask: RedisCommand): Promise<void> {
  const key = `healthspan:${randomUUID()}`;
  const value = randomUUID();
  await ask("SET", key, value, "PX", leftoverMilliseconds);
  const found = await ask("GET", key);
  await ask("DEL", key);
  if (found === value) return;
  throw new ServiceReturnedUnexpectedResult("the server does not have the value that was just stored", {
    reason: "assertion",
  });
}

/** What is expected of a key. */
export interface KeyExpectation {
  readonly key: string;
  readonly exists: boolean;
  /** How long ago the moment may be that is its value. */
  readonly maxKeyAge?: Duration | undefined;
}

/**
 * Asks whether there is a key, and how old the moment is that is its value.
 * @throws ServiceReturnedUnexpectedResult when it is not as expected; ServiceWarning when the moment is too long ago
 */
export async function expectKey(ask: RedisCommand, { key, exists, maxKeyAge }: KeyExpectation): Promise<void> {
  const found = maxKeyAge === undefined ? (await ask("EXISTS", key)) !== 0 : await ask("GET", key);
  if ((found !== false && found !== null) !== exists) {
    const message = exists ? "the key does not exist" : "the key exists";
    throw new ServiceReturnedUnexpectedResult(message, { reason: "assertion" });
  }
  if (maxKeyAge === undefined) return;
  const at = momentOf(String(found));
  if (at === undefined) throw new ServiceReturnedUnexpectedResult("the value of the key is no moment");
  const age = Date.now() - at;
  if (age <= maxKeyAge.milliseconds) return;
  throw new ServiceWarning(`the moment in the key is ${Math.round(age / 1000)} s ago, expected at most ${maxKeyAge}`);
}

/** @returns milliseconds since the epoch; undefined for what is neither a date nor a number of seconds or milliseconds */
function momentOf(text: string): number | undefined {
  const number = /^\d{9,13}(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
  // In seconds, a number of twelve digits would be in the year 5138.
  if (number !== undefined) return number < 100_000_000_000 ? number * 1000 : number;
  const at = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
