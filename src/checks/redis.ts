import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { expectPong, openRedis, type RedisAddress, type RedisCommand } from "../clients/redis/redis-connection.ts";
import {
  expectClusterOk,
  expectKey,
  expectRole,
  expectRoundTrip,
  primaryAddress,
} from "../clients/redis/redis-questions.ts";
import { duration, secret } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { optionalImport } from "../health/optional-import.ts";
import type { Target } from "../health/target.ts";
import { KeptConnection, keptConnectionFields, type TakeFacts } from "../net/kept-connection.ts";
import { credentialFields, firstIssue, LoginProtocol, tlsLoginFields } from "../net/login-options.ts";
import { naming } from "../net/server-errors.ts";
import { parseServers, serverList } from "../net/server-list.ts";

const redisLogin = new LoginProtocol({
  protocols: ["redis", "rediss"],
  tlsProtocols: ["rediss"],
  defaultPort: 6379,
  usernameOption: "username",
  pathOption: "database",
  parameters: [],
  insteadOf: [
    ["db database", "give the number of the database after the host, as in redis://cache:6379/1"],
    ["user username password", "give it before the host, as in redis://USER:PASSWORD@cache:6379"],
    ["ssl tls", "begin it with rediss://"],
    ["timeout", "give timeout as an option"],
  ],
});

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
    ...redisLogin.addressFields("The server's address, such as redis://cache:6379/0, with rediss:// for TLS."),
    path: z.string().min(1).optional().describe("Instead of url: the path of the server's Unix socket."),
    sentinels: serverList()
      .optional()
      .describe("Instead of url: the sentinels, each as HOST or HOST:PORT, that know where the primary is."),
    masterName: z.string().min(1).optional().describe("What the sentinels call the primary, such as mymaster."),
    clusterNodes: serverList()
      .optional()
      .describe(
        "Instead of url: some nodes of a cluster, each as HOST or HOST:PORT. The first that answers is asked for the state of the cluster, which must serve all its slots.",
      ),
    database: z.int().min(0).optional().describe("The number of the database. Default: 0."),
  },
  settings: {
    ...credentialFields,
    username: credentialFields.username.describe("The user to log in as. Default: the server's default user."),
    sentinelUsername: z.string().min(1).optional().describe("The user to log in as at the sentinels."),
    sentinelPassword: secret().optional().describe("The password to log in with at the sentinels."),
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
    ...tlsLoginFields,
    tls: tlsLoginFields.tls.describe("Whether to speak TLS, to sentinels too. A url says so itself: rediss://."),
    ...keptConnectionFields,
  },
  validate: (options) => {
    const { url, path, sentinels, masterName, clusterNodes, database, role } = options;
    return (
      redisLogin.issue(options, { path, sentinels, clusterNodes }) ??
      firstIssue([
        [(sentinels === undefined) !== (masterName === undefined), "sentinels and masterName must be given together"],
        [
          sentinels === undefined && (options.sentinelUsername ?? options.sentinelPassword) !== undefined,
          "sentinelUsername and sentinelPassword go with sentinels",
        ],
        [
          !/^\/?\d{0,9}$/.test(url?.pathname ?? ""),
          "only the number of a database may follow the host in url, as in /0",
        ],
        [database !== undefined && database > 0 && clusterNodes !== undefined, "a cluster only has the database 0"],
        [options.tls && path !== undefined, "a Unix socket does not speak TLS"],
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
  readonly #library = optionalImport(this.type, "redis", () => import("redis"));
  readonly #login = redisLogin.resolve(this);
  readonly #database = Number(this.#login.path ?? 0);
  readonly #server = new KeptConnection(this.#openServer.bind(this), this);
  readonly #sentinel = new KeptConnection(this.#openSentinel.bind(this), this);
  /** Where the sentinels saw the primary last. */
  #primary: RedisAddress | undefined;

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    if (this.sentinels !== undefined) await this.#askSentinels(signal);
    const left = this.timeout.milliseconds - (performance.now() - startedAt);
    await this.#server.use(signal, (ask) => this.#examine(ask), left);
  }

  override close(): void {
    this.#server.close();
    this.#sentinel.close();
  }

  override get target(): Target {
    const { server } = this.#login;
    const place =
      this.path === undefined ? server && { address: server.host, port: server.port } : { address: this.path };
    return { system: "redis", namespace: String(this.#database), ...place };
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

  async #askSentinels(signal: AbortSignal): Promise<void> {
    const { masterName = "" } = this; // Never empty: it must be given together with the sentinels.
    const primary = await naming(
      "sentinels",
      this.#sentinel.use(signal, (ask) => primaryAddress(ask, masterName)),
    );
    if (!isDeepStrictEqual(primary, this.#primary)) this.#server.close();
    this.#primary = primary;
  }

  async #openServer(lifetime: AbortController, takeFacts: TakeFacts): Promise<RedisCommand> {
    const { clusterNodes, path } = this;
    const server = path === undefined ? (this.#primary ?? this.#login.server) : { path };
    const nodes = parseServers(clusterNodes ?? [], redisLogin.defaultPort);
    const isOneOfSeveral = clusterNodes !== undefined || this.sentinels !== undefined;
    const session = { ...this.#login, database: this.#database, isOneOfSeveral };
    return openRedis(await this.#library(), server === undefined ? nodes : [server], session, lifetime, takeFacts);
  }

  async #openSentinel(lifetime: AbortController, takeFacts: TakeFacts): Promise<RedisCommand> {
    const { sentinels = [], sentinelUsername: username, sentinelPassword: password } = this;
    const session = { username, password, tls: this.#login.tls, isOneOfSeveral: true };
    return openRedis(await this.#library(), parseServers(sentinels, 26_379), session, lifetime, takeFacts);
  }
}
