import { z } from "zod";
import {
  RedisAccess,
  redisAccessIssue,
  redisAddressFields,
  redisConnectionFields,
  redisLoginFields,
} from "../clients/redis/redis-access.ts";
import { expectPong, type RedisCommand } from "../clients/redis/redis-connection.ts";
import { expectClusterOk, expectKey, expectRole, expectRoundTrip } from "../clients/redis/redis-questions.ts";
import { duration } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { optionalImport } from "../health/optional-import.ts";
import type { Target } from "../health/target.ts";
import { firstIssue } from "../net/login-options.ts";
import { serverList } from "../net/server-list.ts";

/**
 * Asks a Redis server for its `PING`: one server, the primary that sentinels name, or a cluster. What else speaks the
 * protocol of Redis, such as Valkey, answers as well.
 *
 * ```yaml
 * checks:
 *   cache: { type: redis, url: "rediss://:${REDIS_PASSWORD}@cache.shop.example:6379/0" }
 *   sessions: { type: redis, sentinels: [sentinel-1, sentinel-2, sentinel-3], masterName: mymaster }
 *   import: { type: redis, url: "redis://cache.shop.example", key: "import:finished", maxKeyAge: 25h }
 * ```
 *
 * A user who may do what the options ask for is enough: `ACL SETUSER probe on >PASSWORD +ping`, with `+role` for `role`,
 * `+sentinel|get-master-addr-by-name`, `+cluster|info`, `+exists +get ~import:finished` for a key, and
 * `+set +get +del ~healthspan:*` for `roundTrip`.
 */
export class Redis extends healthCheck({
  group: "data",
  labels: {
    ...redisAddressFields,
    clusterNodes: serverList()
      .optional()
      .describe(
        "Instead of url: some nodes of a cluster, each as HOST or HOST:PORT. The first that answers is asked for the state of the cluster, which must serve all its slots.",
      ),
  },
  settings: {
    ...redisLoginFields,
    role: z
      .enum(["primary", "replica"])
      .optional()
      .describe("What the server must be, as it says itself (command ROLE). Default: either. Sentinels: primary."),
    roundTrip: z
      .boolean()
      .default(false)
      .describe("Whether to store a value under a key of its own (healthspan:…), to read it and to delete it."),
    key: z.string().min(1).optional().describe("A key that must exist, or must not."),
    exists: z.boolean().default(true).describe("Whether key must exist."),
    maxKeyAge: duration()
      .optional()
      .describe(
        "Warns when the moment that is the value of key is longer ago: a date such as 2026-03-04T05:06:07Z, or seconds or milliseconds since 1970.",
      ),
    ...redisConnectionFields,
  },
  validate: (options) => {
    const { sentinels, clusterNodes, database, role } = options;
    return (
      redisAccessIssue(options, { clusterNodes }) ??
      firstIssue([
        [database !== undefined && database > 0 && clusterNodes !== undefined, "a cluster only has the database 0"],
        [role === "replica" && sentinels !== undefined, "sentinels lead to the primary: leave role out"],
        [role !== undefined && clusterNodes !== undefined, "a cluster has both: leave role out"],
        [
          options.key === undefined && (!options.exists || options.maxKeyAge !== undefined),
          "exists and maxKeyAge go with key",
        ],
        [!options.exists && options.maxKeyAge !== undefined, "a key that must not exist has no maxKeyAge"],
        [
          clusterNodes !== undefined && (options.roundTrip || options.key !== undefined),
          "key and roundTrip need one server: leave clusterNodes out",
        ],
      ])
    );
  },
}) {
  static readonly module = import.meta.url;
  readonly #access = new RedisAccess(
    this,
    optionalImport(this.type, "redis", () => import("redis")),
  );

  async run(signal: AbortSignal): Promise<void> {
    await this.#access.use(signal, (ask) => this.#examine(ask));
  }

  override close(): void {
    this.#access.close();
  }

  override get target(): Target {
    return { system: "redis", ...this.#access.target };
  }

  async #examine(ask: RedisCommand): Promise<void> {
    await expectPong(ask);
    const role = this.sentinels === undefined ? this.role : "primary";
    if (role !== undefined) await expectRole(ask, role);
    if (this.clusterNodes !== undefined) await expectClusterOk(ask);
    if (this.roundTrip) await expectRoundTrip(ask);
    const { key, exists, maxKeyAge } = this;
    if (key !== undefined) await expectKey(ask, { key, exists, maxKeyAge });
  }
}
