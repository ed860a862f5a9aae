import { z } from "zod";
import { openPostgres, type PostgresConnection, type PostgresValue } from "../clients/sql/postgres-connection.ts";
import { postgresMistake, postgresServer, sslModes } from "../clients/sql/postgres-options.ts";
import { ServiceReturnedUnexpectedResult } from "../health/errors.ts";
import { connectionUrl, secret } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { optionalImport } from "../health/optional-import.ts";
import type { Target } from "../health/target.ts";
import { KeptConnection } from "../net/kept-connection.ts";
import { tlsFields } from "../net/tls-options.ts";

const { ca, clientCertificate, clientKey } = tlsFields;

/**
 * Logs in to a PostgreSQL server and runs a query.
 *
 * ```yaml
 * checks:
 *   database: { type: postgres, url: "postgres://probe:${PASSWORD}@db.shop.example/shop?sslmode=require", writable: true }
 *   queue: { type: postgres, host: localhost, database: shop, query: SELECT count(*) < 1000 FROM jobs, expected: true }
 * ```
 */
export class Postgres extends healthCheck({
  labels: {
    url: connectionUrl("postgres", "postgresql")
      .optional()
      .describe(
        "The server's address, such as postgres://db:5432/shop. A user name and a password in it are never shown. After a ? it may have sslmode, application_name and options, as libpq understands them; other parameters are ignored.",
      ),
    host: z
      .string()
      .regex(/^[^\s@]+$/, "must be the name or address of a host, or the folder of a Unix socket")
      .optional()
      .describe("Instead of url: the server's name or address, or the folder of its Unix socket, which begins with /."),
    port: z.int().min(1).max(65_535).optional().describe("The port of host. Default: 5432."),
    database: z.string().min(1).optional().describe("The database. Default: the one that is called as the user."),
  },
  settings: {
    user: z
      .string()
      .min(1)
      .optional()
      .describe("The user to log in as. Default: the system's name of who runs Healthspan."),
    password: secret().optional().describe("The password to log in with."),
    sslmode: z
      .enum(sslModes)
      .optional()
      .describe(
        "As in libpq. disable: no TLS. prefer: TLS when the server offers it. require: TLS; the certificate is verified when ca is given, else not. verify-ca: the certificate must be signed by ca. verify-full: it must be for the host's name too. Default: verify-full when ca is given, else prefer.",
      ),
    ca,
    clientCertificate,
    clientKey,
    query: z
      .string()
      .min(1)
      .optional()
      .describe("What to ask instead of SELECT 1. It is cancelled at the time-out, and may give at most 1 MiB."),
    expected: z
      .union([z.string(), z.number(), z.boolean(), z.null()])
      .optional()
      .describe("What the first column of the first row must be that query gives. Default: anything."),
    writable: z
      .boolean()
      .default(false)
      .describe("Whether the server must accept writes: no replica, and not read-only for another reason."),
  },
  validate: postgresMistake,
}) {
  static readonly module = import.meta.url;
  readonly #library = optionalImport(this.type, "pg", () => import("pg"));
  readonly #server = postgresServer(this);
  readonly #connection = new KeptConnection(async (lifetime) =>
    openPostgres(await this.#library(), this.#server, lifetime),
  );

  async run(signal: AbortSignal): Promise<void> {
    await this.#connection.use(signal, (connection) => this.#examine(connection));
  }

  override close(): void {
    this.#connection.close();
  }

  override get target(): Target {
    const { host, port, database } = this.#server;
    return { address: host, port, system: "postgresql", namespace: database };
  }

  async #examine(connection: PostgresConnection): Promise<void> {
    if (this.writable) await expectWritable(connection);
    const { query, expected } = this;
    if (query === undefined) {
      expectValue(await connection.query("SELECT 1"), 1);
      return;
    }
    // An abandoned query would run on in the server, and the next run add another.
    const milliseconds = Math.ceil(this.timeout.milliseconds);
    const rows = await connection.query(`SET LOCAL statement_timeout = ${milliseconds}; ${query}`);
    if (expected !== undefined) expectValue(rows, expected);
  }
}

async function expectWritable(connection: PostgresConnection): Promise<void> {
  const [row] = await connection.query("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')");
  const [recovering, readOnly] = row ?? [];
  if (recovering !== "t" && readOnly === "off") return;
  const what = recovering === "t" ? "is a replica" : "is read-only";
  throw new ServiceReturnedUnexpectedResult(`the server ${what} and accepts no writes`, { reason: "assertion" });
}

/** The value itself may be confidential: it is not shown. */
function expectValue(rows: readonly (readonly PostgresValue[])[], expected: string | number | boolean | null): void {
  const [row] = rows;
  if (row === undefined) throw new ServiceReturnedUnexpectedResult("the query gave no row", { reason: "assertion" });
  if (isValue(row[0] ?? null, expected)) return;
  throw new ServiceReturnedUnexpectedResult("the query gave another value than expected", { reason: "assertion" });
}

/** Compares a value as PostgreSQL prints it: `t` is true, `1.00` is 1. */
function isValue(printed: PostgresValue, expected: string | number | boolean | null): boolean {
  if (printed === null || expected === null) return printed === expected;
  if (typeof expected === "boolean") return printed === (expected ? "t" : "f");
  if (typeof expected === "number") return printed.trim() !== "" && Number(printed) === expected;
  return printed === expected;
}
