import { z } from "zod";
import { openPostgres, type PostgresQuery } from "../clients/sql/postgres-connection.ts";
import { healthCheck } from "../health/health-check.ts";
import { optionalImport } from "../health/optional-import.ts";
import type { Target } from "../health/target.ts";
import { KeptConnection, keptConnectionFields } from "../net/kept-connection.ts";
import { credentialFields, LoginProtocol } from "../net/login-options.ts";
import { negotiatedTlsFields } from "../net/negotiated-tls.ts";
import { expectValue, expectWritable, queryFields, queryIssue } from "../net/query-fields.ts";
import { factNames, tellSpan } from "../net/spans/span-facts.ts";

const postgresLogin = new LoginProtocol({
  protocols: ["postgres", "postgresql"],
  negotiatesTls: true,
  defaultPort: 5432,
  socketHost: "the folder of a Unix socket",
  usernameOption: "user",
  pathOption: "database",
  parameters: ["sslmode", "application_name", "options"],
  insteadOf: [
    ["host hostaddr port user password dbname service", "give host, port, user, password and database as options"],
    ["sslrootcert sslcert sslkey", "give ca, clientCertificate and clientKey"],
    ["ssl sslnegotiation", "give sslmode"],
    ["channel_binding", "give sslmode: verify-full, which also ensures who the server is"],
    ["target_session_attrs", "give writable: true to demand a server that accepts writes"],
    ["connect_timeout", "give timeout"],
  ],
});

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
  group: "data",
  labels: {
    ...postgresLogin.addressFields(
      "The server's address, such as postgres://db:5432/shop. After a ? it may have sslmode, application_name and options, as libpq understands them.",
    ),
    database: z.string().min(1).optional().describe("The database. Default: the one that is called as the user."),
  },
  settings: {
    user: credentialFields.username.describe(
      "The user to log in as. Default: the user of the system that runs Healthspan.",
    ),
    password: credentialFields.password,
    ...negotiatedTlsFields,
    ...keptConnectionFields,
    ...queryFields,
  },
  validate: (options) => postgresLogin.issue(options) ?? queryIssue(options),
}) {
  static readonly module = import.meta.url;
  readonly #library = optionalImport(this.type, "pg", () => import("pg"));
  readonly #login = postgresLogin.resolve(this);
  readonly #connection = new KeptConnection(
    async (lifetime, takeFacts) => openPostgres(await this.#library(), this.#login, lifetime, takeFacts),
    this,
  );

  async run(signal: AbortSignal): Promise<void> {
    await this.#connection.use(signal, (query, patience) => this.#examine(query, patience));
  }

  override close(): void {
    this.#connection.close();
  }

  override get target(): Target {
    const { server, path } = this.#login;
    return { address: server?.host, port: server?.port, system: "postgresql", namespace: path };
  }

  async #examine(ask: PostgresQuery, patience: number): Promise<void> {
    // Of a query of the configuration it is not known.
    if (this.writable || this.query === undefined) tellSpan({ [factNames.dbOperationName]: "SELECT" });
    if (this.writable) {
      const [[isReplica, isReadOnly] = []] = await ask(
        "SELECT pg_is_in_recovery(), current_setting('transaction_read_only')",
      );
      expectWritable({ isReplica: isReplica === "t", isReadOnly: isReadOnly !== "off" });
    }
    const { query, expected } = this;
    if (query === undefined) return expectValue(await ask("SELECT 1"), 1, booleans);
    // An abandoned query would run on in the server, and the next run add another.
    const rows = await ask(`SET LOCAL statement_timeout = ${Math.ceil(patience)}; ${query}`);
    if (expected !== undefined) expectValue(rows, expected, booleans);
  }
}

/** How PostgreSQL prints true and false. */
const booleans = ["t", "f"] as const;
