import { type ConnectionUrl, decodeUrlPart, type Secret } from "../../health/secret.ts";
import { tlsMistake } from "../../net/tls-options.ts";
import { urlCredentials } from "../../net/url-credentials.ts";

/** How much TLS is demanded, in the words of libpq (PostgreSQL documentation, "SSL Support"). */
export const sslModes = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;

/** One of {@link sslModes}. */
export type SslMode = (typeof sslModes)[number];

/** Words that an address may use besides: libpq's `allow`, and the `no-verify` of node-postgres. */
const otherSslModes: Readonly<Record<string, SslMode>> = { allow: "prefer", "no-verify": "require" };

/** What of the check `postgres` says where the server is, how to connect to it and what to ask. */
export interface PostgresOptions {
  readonly url?: ConnectionUrl | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
  readonly sslmode?: SslMode | undefined;
  readonly ca?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: Secret | undefined;
  readonly query?: string | undefined;
  readonly expected?: string | number | boolean | null | undefined;
}

/** Where the server is and how to connect to it, whichever way it was said. */
export interface PostgresServer {
  /** Host name or address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string | undefined;
  readonly user: string | undefined;
  readonly password: Secret | undefined;
  readonly sslmode: SslMode;
  readonly ca: string | undefined;
  readonly clientCertificate: string | undefined;
  readonly clientKey: Secret | undefined;
  /** What the server shows as the name of the program that is connected. */
  readonly applicationName: string;
  /** Options for the server process, as `-c geqo=off`. */
  readonly serverOptions: string | undefined;
}

/** What is wrong with the options together, as a sentence; undefined when nothing is. */
export function postgresMistake(options: PostgresOptions): string | undefined {
  const { url, host, port, database, user, password, sslmode, ca, clientCertificate } = options;
  const parameters = url === undefined ? new URLSearchParams() : new URL(url.reveal()).searchParams;
  const inUrl = url === undefined ? undefined : urlCredentials(url);
  const sslmodeInUrl = parameters.get("sslmode");
  const mode = sslmode ?? sslModeOf(sslmodeInUrl ?? undefined);
  const files = ["sslrootcert", "sslcert", "sslkey"].filter((name) => parameters.has(name));
  const rules: readonly (readonly [boolean, string])[] = [
    [url === undefined && host === undefined, "give either url or host"],
    [url !== undefined && host !== undefined, "give only one of url and host"],
    [port !== undefined && host === undefined, "port goes with host; in a url it is a part of the address"],
    [database !== undefined && databaseIn(url) !== undefined, "give the database either in url or as database"],
    [user !== undefined && inUrl?.username !== undefined, "give the user either in url or as user"],
    [password !== undefined && inUrl?.password !== undefined, "give the password either in url or as password"],
    [sslmode !== undefined && sslmodeInUrl !== null, "give sslmode either in url or as sslmode"],
    [sslmodeInUrl !== null && mode === undefined, `sslmode in url must be one of ${sslModes.join(", ")}`],
    [files.length > 0, `instead of ${files.join(" and ")} in url, give ca, clientCertificate and clientKey`],
    [
      mode === "disable" && (ca ?? clientCertificate) !== undefined,
      "certificates need TLS: sslmode must not be disable",
    ],
    [mode === "verify-ca" && ca === undefined, "verify-ca needs ca: anybody gets a certificate of the well-known ones"],
    [options.expected !== undefined && options.query === undefined, "expected goes with query"],
  ];
  const { clientKey } = options;
  return rules.find(([broken]) => broken)?.[1] ?? tlsMistake({ clientCertificate, clientKey, verifyCertificate: true });
}

/** Puts together what the options say by `url` and by themselves. */
export function postgresServer(options: PostgresOptions): PostgresServer {
  const { url, ca, clientCertificate, clientKey } = options;
  const inUrl = url === undefined ? undefined : urlCredentials(url);
  const parameters = url === undefined ? undefined : new URL(url.reveal()).searchParams;
  const sslmode = options.sslmode ?? sslModeOf(parameters?.get("sslmode") ?? undefined);
  return {
    host: options.host ?? decodeUrlPart(url?.hostname ?? ""),
    port: options.port ?? url?.port ?? 5432,
    database: options.database ?? databaseIn(url),
    user: options.user ?? inUrl?.username,
    password: options.password ?? inUrl?.password,
    sslmode: sslmode ?? (ca === undefined ? "prefer" : "verify-full"),
    ca,
    clientCertificate,
    clientKey,
    applicationName: parameters?.get("application_name") ?? "healthspan",
    serverOptions: parameters?.get("options") ?? undefined,
  };
}

function sslModeOf(word: string | undefined): SslMode | undefined {
  return sslModes.find((mode) => mode === word) ?? (word === undefined ? undefined : otherSslModes[word]);
}

function databaseIn(url: ConnectionUrl | undefined): string | undefined {
  const path = url?.pathname.slice(1) ?? "";
  return path === "" ? undefined : decodeUrlPart(path);
}
