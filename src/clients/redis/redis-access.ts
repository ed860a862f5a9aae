import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { secret } from "../../health/fields.ts";
import type { Target } from "../../health/target.ts";
import {
  KeptConnection,
  type KeptConnectionOptions,
  keptConnectionFields,
  type TakeFacts,
} from "../../net/kept-connection.ts";
import {
  credentialFields,
  firstIssue,
  type LoginOptions,
  LoginProtocol,
  tlsLoginFields,
} from "../../net/login-options.ts";
import { naming } from "../../net/server-errors.ts";
import { parseServers, serverList } from "../../net/server-list.ts";
import {
  openRedis,
  type RedisAddress,
  type RedisCommand,
  type RedisLibrary,
  type RedisSession,
} from "./redis-connection.ts";
import { primaryAddress } from "./redis-questions.ts";

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

/** The labels that say where a Redis server is. */
export const redisAddressFields = {
  ...redisLogin.addressFields("The server's address, such as redis://cache:6379/0, with rediss:// for TLS."),
  path: z.string().min(1).optional().describe("Instead of url: the path of the server's Unix socket."),
  sentinels: serverList()
    .optional()
    .describe("Instead of url: the sentinels, each as HOST or HOST:PORT, that know where the primary is."),
  masterName: z.string().min(1).optional().describe("What the sentinels call the primary, such as mymaster."),
  database: z.int().min(0).optional().describe("The number of the database. Default: 0."),
};

/** The settings by which a check gets in to a Redis server. */
export const redisLoginFields = {
  ...credentialFields,
  username: credentialFields.username.describe("The user to log in as. Default: the server's default user."),
  sentinelUsername: z.string().min(1).optional().describe("The user to log in as at the sentinels."),
  sentinelPassword: secret().optional().describe("The password to log in with at the sentinels."),
};

/** The settings for the connection to a Redis server. */
export const redisConnectionFields = {
  ...tlsLoginFields,
  tls: tlsLoginFields.tls.describe("Whether to speak TLS, to sentinels too. A url says so itself: rediss://."),
  ...keptConnectionFields,
};

/** The values of all these fields. */
export interface RedisAccessOptions extends LoginOptions, KeptConnectionOptions {
  readonly path?: string | undefined;
  readonly sentinels?: readonly string[] | undefined;
  readonly masterName?: string | undefined;
  readonly sentinelUsername?: string | undefined;
  readonly sentinelPassword?: LoginOptions["password"];
  /** Instead of one server: some nodes of a cluster. */
  readonly clusterNodes?: readonly string[] | undefined;
}

/** What a check knows of the answers that it will get. */
export type RedisAnswers = Pick<RedisSession, "maxAnswerMebibytes">;

/**
 * What is wrong with the values together, for `validate` of a check; undefined when nothing is.
 * @param others further options of the check that say where servers are
 */
export function redisAccessIssue(
  options: Omit<RedisAccessOptions, keyof KeptConnectionOptions>,
  others: Readonly<Record<string, unknown>> = {},
): string | undefined {
  const { url, path, sentinels, masterName } = options;
  return (
    redisLogin.issue(options, { path, sentinels, ...others }) ??
    firstIssue([
      [(sentinels === undefined) !== (masterName === undefined), "sentinels and masterName must be given together"],
      [
        sentinels === undefined && (options.sentinelUsername ?? options.sentinelPassword) !== undefined,
        "sentinelUsername and sentinelPassword go with sentinels",
      ],
      [!/^\/?\d{0,9}$/.test(url?.pathname ?? ""), "only the number of a database may follow the host in url, as in /0"],
      [options.tls === true && path !== undefined, "a Unix socket does not speak TLS"],
    ])
  );
}

/** The way of a check to its Redis server: directly, by sentinels that know it, or to the first node that answers. */
export class RedisAccess {
  readonly #options: RedisAccessOptions;
  readonly #library: () => Promise<RedisLibrary>;
  readonly #answers: RedisAnswers;
  readonly #login;
  readonly #database: number;
  readonly #server: KeptConnection<RedisCommand>;
  readonly #sentinel: KeptConnection<RedisCommand>;
  /** Where the sentinels saw the primary last. */
  #primary: RedisAddress | undefined;

  constructor(options: RedisAccessOptions, library: () => Promise<RedisLibrary>, answers: RedisAnswers = {}) {
    this.#options = options;
    this.#library = library;
    this.#answers = answers;
    this.#login = redisLogin.resolve(options);
    this.#database = Number(this.#login.path ?? 0);
    this.#server = new KeptConnection(this.#openServer.bind(this), options);
    this.#sentinel = new KeptConnection(this.#openSentinel.bind(this), options);
  }

  /** The server, as the span of a run says it. */
  get target(): Required<Pick<Target, "namespace">> & Pick<Target, "address" | "port"> {
    const { server } = this.#login;
    const { path } = this.#options;
    const place = path === undefined ? server && { address: server.host, port: server.port } : { address: path };
    return { namespace: String(this.#database), ...place };
  }

  /** Asks the server, once it is known where it is. */
  async use(signal: AbortSignal, action: (ask: RedisCommand) => Promise<void>): Promise<void> {
    const startedAt = performance.now();
    if (this.#options.sentinels !== undefined) await this.#askSentinels(signal);
    const left = this.#options.timeout.milliseconds - (performance.now() - startedAt);
    await this.#server.use(signal, action, left);
  }

  close(): void {
    this.#server.close();
    this.#sentinel.close();
  }

  async #askSentinels(signal: AbortSignal): Promise<void> {
    const { masterName = "" } = this.#options; // Never empty: it must be given together with the sentinels.
    const primary = await naming(
      "sentinels",
      this.#sentinel.use(signal, (ask) => primaryAddress(ask, masterName)),
    );
    if (!isDeepStrictEqual(primary, this.#primary)) this.#server.close();
    this.#primary = primary;
  }

  async #openServer(lifetime: AbortController, takeFacts: TakeFacts): Promise<RedisCommand> {
    const { clusterNodes, sentinels, path } = this.#options;
    const server = path === undefined ? (this.#primary ?? this.#login.server) : { path };
    const nodes = parseServers(clusterNodes ?? [], redisLogin.defaultPort);
    const isOneOfSeveral = clusterNodes !== undefined || sentinels !== undefined;
    const session = { ...this.#login, ...this.#answers, database: this.#database, isOneOfSeveral };
    return openRedis(await this.#library(), server === undefined ? nodes : [server], session, lifetime, takeFacts);
  }

  async #openSentinel(lifetime: AbortController, takeFacts: TakeFacts): Promise<RedisCommand> {
    const { sentinels = [], sentinelUsername: username, sentinelPassword: password } = this.#options;
    const session = { username, password, tls: this.#login.tls, isOneOfSeveral: true };
    return openRedis(await this.#library(), parseServers(sentinels, 26_379), session, lifetime, takeFacts);
  }
}
