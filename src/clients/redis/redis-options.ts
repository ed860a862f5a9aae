import type { ConnectionUrl, Secret } from "../../health/secret.ts";
import { type TlsFields, tlsMistake, tlsOptions } from "../../net/tls-options.ts";
import { urlCredentials } from "../../net/url-credentials.ts";
import type { RedisAddress, RedisSession } from "./redis-connection.ts";

/** The port of a Redis server, and that of a sentinel, when none is named. */
const defaultPorts = { server: 6379, sentinel: 26_379 } as const;

/** What of the check `redis` says where its servers are and how to connect to them. */
export interface RedisOptions extends Omit<TlsFields, "minCertificateDays"> {
  readonly url?: ConnectionUrl | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  /** Each as `HOST` or `HOST:PORT`. */
  readonly sentinels?: readonly string[] | undefined;
  readonly masterName?: string | undefined;
  readonly clusterNodes?: readonly string[] | undefined;
  readonly database?: number | undefined;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly sentinelUsername?: string | undefined;
  readonly sentinelPassword?: Secret | undefined;
  readonly tls: boolean;
  readonly role?: "primary" | "replica" | undefined;
}

/** What is wrong with the options together, as a sentence; undefined when nothing is. */
export function redisMistake(options: RedisOptions): string | undefined {
  const { url, host, port, path, sentinels, masterName, clusterNodes, database, username, password, tls, role } =
    options;
  const { ca, clientCertificate, clientKey, verifyCertificate } = options;
  const places = Object.entries({ url, host, path, sentinels, clusterNodes }).filter(
    ([, value]) => value !== undefined,
  );
  const inUrl = url === undefined ? undefined : urlCredentials(url);
  const encrypted = tls || url?.protocol === "rediss:";
  const tlsGiven = ca !== undefined || clientCertificate !== undefined || clientKey !== undefined || !verifyCertificate;
  const rules: readonly (readonly [boolean, string])[] = [
    [places.length === 0, "give either url or host (or path, sentinels or clusterNodes)"],
    [places.length > 1, `give only one of ${places.map(([name]) => name).join(" and ")}`],
    [port !== undefined && host === undefined, "port goes with host; elsewhere it is a part of the address"],
    [(sentinels === undefined) !== (masterName === undefined), "sentinels and masterName must be given together"],
    [
      sentinels === undefined && (options.sentinelUsername ?? options.sentinelPassword) !== undefined,
      "sentinelUsername and sentinelPassword go with sentinels",
    ],
    [
      !/^\/?\d*$/.test(url?.pathname ?? ""),
      "what follows the host in url must be the number of a database, such as /0",
    ],
    [database !== undefined && (url?.pathname.length ?? 0) > 1, "give the database either in url or as database"],
    [database !== undefined && database > 0 && clusterNodes !== undefined, "a cluster has no databases but 0"],
    [inUrl?.username !== undefined && username !== undefined, "give the user name either in url or as username"],
    [inUrl?.password !== undefined && password !== undefined, "give the password either in url or as password"],
    [tls && url?.protocol === "redis:", "for TLS, url must begin with rediss://"],
    [encrypted && path !== undefined, "a Unix socket does not speak TLS"],
    [tlsGiven && !encrypted, "certificates need TLS: give tls: true, or a url that begins with rediss://"],
    [role === "replica" && sentinels !== undefined, "sentinels lead to the primary: leave role out"],
    [role !== undefined && clusterNodes !== undefined, "a cluster has both: leave role out"],
  ];
  return rules.find(([broken]) => broken)?.[1] ?? tlsMistake({ ...options, minCertificateDays: undefined });
}

/** Where the server is that the options name by `url`, `host` or `path`; undefined when they name several. */
export function redisAddress({ url, host, port, path }: RedisOptions): RedisAddress | undefined {
  if (path !== undefined) return { path };
  const name = host ?? url?.hostname;
  return name === undefined ? undefined : { host: name, port: port ?? url?.port ?? defaultPorts.server };
}

/** Where the servers of a list are. */
export function redisAddresses(nodes: readonly string[], kind: keyof typeof defaultPorts): readonly RedisAddress[] {
  return nodes.map((node) => {
    const { hostname, port } = new URL(`redis://${node}`);
    return { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? defaultPorts[kind] : Number(port) };
  });
}

/** The number of the database that is asked for. */
export function redisDatabase({ url, database }: RedisOptions): number {
  return database ?? Number(url?.pathname.slice(1) ?? 0);
}

/** How to connect to the servers that hold the data. */
export function redisSession(options: RedisOptions): RedisSession {
  const inUrl = options.url === undefined ? undefined : urlCredentials(options.url);
  return {
    username: options.username ?? inUrl?.username,
    password: options.password ?? inUrl?.password,
    database: redisDatabase(options),
    tls: options.tls || options.url?.protocol === "rediss:" ? tlsOptions(options) : undefined,
  };
}

/** How to connect to the sentinels. */
export function sentinelSession(options: RedisOptions): RedisSession {
  return {
    username: options.sentinelUsername,
    password: options.sentinelPassword,
    tls: options.tls ? tlsOptions(options) : undefined,
  };
}
