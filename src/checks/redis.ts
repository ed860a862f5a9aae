import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import {
  openFirstRedis,
  openRedis,
  type RedisAddress,
  type RedisConnection,
} from "../clients/redis/redis-connection.ts";
import {
  redisAddress,
  redisAddresses,
  redisDatabase,
  redisMistake,
  redisSession,
  sentinelSession,
} from "../clients/redis/redis-options.ts";
import { expectClusterOk, expectRole, primaryAddress } from "../clients/redis/redis-questions.ts";
import { HealthCheckError, ServiceUnavailable } from "../health/errors.ts";
import { connectionUrl, secret } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { optionalImport } from "../health/optional-import.ts";
import { systemError } from "../health/system-error.ts";
import type { Target } from "../health/target.ts";
import { KeptConnection } from "../net/kept-connection.ts";
import { tlsFields } from "../net/tls-options.ts";

const { ca, clientCertificate, clientKey, verifyCertificate } = tlsFields;
const nodes = z
  .array(
    z
      .string()
      .regex(/^(?:\[[\da-fA-F:.]+\]|[^\s:/\\@?#[\]%]+)(?::\d{1,5})?$/, "must be HOST or HOST:PORT")
      .meta({ title: "host and port" }),
  )
  .min(1);

/**
 * Asks a Redis server for its `PING`: one server, the primary that sentinels name, or a cluster. What else speaks the
 * protocol of Redis, such as Valkey, answers as well.
 *
 * ```yaml
 * checks:
 *   cache: { type: redis, url: "rediss://:${REDIS_PASSWORD}@cache.shop.example:6379/0" }
 *   sessions: { type: redis, sentinels: [sentinel-1, sentinel-2, sentinel-3], masterName: mymaster }
 * ```
 */
export class Redis extends healthCheck({
  labels: {
    url: connectionUrl("redis", "rediss")
      .optional()
      .describe(
        "The server's address, such as redis://cache:6379/0, with rediss:// for TLS. A user name and a password in it are never shown. What follows a ? is ignored.",
      ),
    host: z
      .string()
      .regex(/^[^\s/@]+$/, "must be the name or address of a host")
      .optional()
      .describe("Instead of url: the server's name or address."),
    port: z.int().min(1).max(65_535).optional().describe("The port of host. Default: 6379."),
    path: z.string().min(1).optional().describe("Instead of url: the path of the server's Unix socket."),
    sentinels: nodes
      .optional()
      .describe("Instead of url: the sentinels, each as HOST or HOST:PORT, that know where the primary is."),
    masterName: z.string().min(1).optional().describe("What the sentinels call the primary, such as mymaster."),
    clusterNodes: nodes
      .optional()
      .describe(
        "Instead of url: some nodes of a cluster, each as HOST or HOST:PORT. The first that answers is asked for the state of the cluster, which must serve all its slots.",
      ),
    database: z.int().min(0).optional().describe("The number of the database. Default: 0."),
  },
  settings: {
    username: z.string().min(1).optional().describe("The user to log in as. Default: the server's default user."),
    password: secret().optional().describe("The password to log in with."),
    sentinelUsername: z.string().min(1).optional().describe("The user to log in as at the sentinels."),
    sentinelPassword: secret().optional().describe("The password to log in with at the sentinels."),
    role: z
      .enum(["primary", "replica"])
      .optional()
      .describe("What the server must be, as it says itself (command ROLE). Default: either. Sentinels: primary."),
    tls: z
      .boolean()
      .default(false)
      .describe("Whether TLS is spoken, to sentinels too. A url says so itself: rediss://."),
    ca,
    clientCertificate,
    clientKey,
    verifyCertificate,
  },
  validate: redisMistake,
}) {
  static readonly module = import.meta.url;
  readonly #library = optionalImport(this.type, "redis", () => import("redis"));
  readonly #server = new KeptConnection((lifetime) => this.#openServer(lifetime));
  readonly #sentinel = new KeptConnection((lifetime) => this.#openSentinel(lifetime));
  /** Where the sentinels saw the primary last. */
  #primary: RedisAddress | undefined;

  async run(signal: AbortSignal): Promise<void> {
    if (this.sentinels !== undefined) await this.#askSentinels(signal);
    await this.#server.use(signal, (server) => this.#examine(server));
  }

  override close(): void {
    this.#server.close();
    this.#sentinel.close();
  }

  override get target(): Target {
    const several = this.sentinels !== undefined || this.clusterNodes !== undefined;
    const place = redisAddress(this);
    return {
      system: "redis",
      namespace: String(redisDatabase(this)),
      ...(place !== undefined &&
        !several &&
        ("path" in place ? { address: place.path } : { address: place.host, port: place.port })),
    };
  }

  async #examine(server: RedisConnection): Promise<void> {
    await server.ping();
    const role = this.sentinels === undefined ? this.role : "primary";
    if (role !== undefined) await expectRole(server, role);
    if (this.clusterNodes !== undefined) await expectClusterOk(server);
  }

  async #askSentinels(signal: AbortSignal): Promise<void> {
    const { masterName = "" } = this; // Never empty: it must be given together with the sentinels.
    try {
      const primary = await this.#sentinel.use(signal, (sentinel) => primaryAddress(sentinel, masterName));
      if (!isDeepStrictEqual(primary, this.#primary)) this.#server.close();
      this.#primary = primary;
    } catch (error) {
      const known = error instanceof HealthCheckError ? error : systemError(error);
      if (known === undefined) throw error;
      throw new ServiceUnavailable(`sentinels: ${known.message}`, { reason: known.reason, cause: error });
    }
  }

  async #openServer(lifetime: AbortController): Promise<RedisConnection> {
    const library = await this.#library();
    if (this.clusterNodes !== undefined) {
      return openFirstRedis(library, redisAddresses(this.clusterNodes, "server"), redisSession(this), lifetime);
    }
    const place = this.#primary ?? redisAddress(this);
    if (place === undefined) throw new Error("no server is named"); // The options are refused before it comes to this.
    return openRedis(library, place, redisSession(this), lifetime);
  }

  async #openSentinel(lifetime: AbortController): Promise<RedisConnection> {
    const { sentinels = [] } = this;
    const library = await this.#library();
    return openFirstRedis(library, redisAddresses(sentinels, "sentinel"), sentinelSession(this), lifetime);
  }
}
