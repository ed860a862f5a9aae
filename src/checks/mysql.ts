import { z } from "zod";
import { type MysqlAnswer, type MysqlQuery, openMysql } from "../clients/sql/mysql-connection.ts";
import { replicationLag } from "../clients/sql/mysql-questions.ts";
import { ServiceWarning } from "../health/errors.ts";
import { duration } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { optionalImport } from "../health/optional-import.ts";
import type { Target } from "../health/target.ts";
import { KeptConnection, keptConnectionFields } from "../net/kept-connection.ts";
import { credentialFields, firstIssue, LoginProtocol } from "../net/login-options.ts";
import { negotiatedTlsFields } from "../net/negotiated-tls.ts";
import { networkFields, warnOfSlowness } from "../net/network-fields.ts";
import { expectValue, expectWritable, queryFields, queryIssue } from "../net/query-fields.ts";

const mysqlLogin = new LoginProtocol({
  protocols: ["mysql", "mariadb"],
  negotiatesTls: true,
  defaultPort: 3306,
  usernameOption: "user",
  pathOption: "database",
  parameters: ["sslmode"],
  insteadOf: [
    ["ssl ssl-mode sslMode useSSL requireSSL", "give sslmode"],
    ["sslca sslcert sslkey ssl-ca ssl-cert ssl-key", "give ca, clientCertificate and clientKey"],
    ["socket socketPath unix_socket", "give path"],
    ["connectTimeout connect_timeout", "give timeout"],
    ["user password database", "give them before and after the host, as in mysql://USER:PASSWORD@db:3306/shop"],
  ],
});

/**
 * Logs in to a MySQL or MariaDB server and runs a query.
 *
 * A user without any right is enough: `CREATE USER probe@'10.0.0.%' IDENTIFIED BY '…'`. `database` needs a right in that database,
 * `query` those of the query; `maxReplicationLag` needs `GRANT REPLICATION CLIENT ON *.*`, in MariaDB `REPLICA MONITOR`.
 *
 * ```yaml
 * checks:
 *   database: { type: mysql, url: "mysql://probe:${PASSWORD}@db.shop.example/shop?sslmode=require", writable: true }
 *   replica: { type: mysql, host: replica.shop.example, user: probe, password: "${PASSWORD}", maxReplicationLag: 30s }
 * ```
 */
export class Mysql extends healthCheck({
  group: "data",
  labels: {
    ...mysqlLogin.addressFields(
      "The server's address, such as mysql://db:3306/shop or mariadb://db/shop. After a ? it may have sslmode, as libpq understands it.",
    ),
    path: z.string().min(1).optional().describe("Instead of url: the path of the server's Unix socket."),
    database: z.string().min(1).optional().describe("The database. Default: none."),
  },
  settings: {
    user: credentialFields.username.describe(
      "The user to log in as. Default: the user of the system that runs Healthspan.",
    ),
    password: credentialFields.password,
    ...negotiatedTlsFields,
    ...networkFields,
    ...keptConnectionFields,
    ...queryFields,
    maxReplicationLag: duration()
      .optional()
      .describe("Warns when the replica is further behind its source. One whose replication has stopped is unhealthy."),
  },
  measures: {
    replicationLag: { unit: "s", description: "How far the replica is behind its source." },
  },
  validate: (options) =>
    mysqlLogin.issue(options, { path: options.path }) ??
    queryIssue(options) ??
    firstIssue([
      [
        options.path !== undefined && (options.sslmode ?? options.ca ?? options.clientCertificate) !== undefined,
        "a Unix socket does not need TLS: leave out sslmode and certificates",
      ],
    ]),
}) {
  static readonly module = import.meta.url;
  readonly #library = optionalImport(this.type, "mysql2", () => import("mysql2"));
  readonly #login = mysqlLogin.resolve(this);
  readonly #connection = new KeptConnection(async (lifetime) => this.#open(lifetime), this);
  /** What the server said last that it is. */
  #isMariadb = this.url?.protocol === "mariadb:";

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    await this.#connection.use(signal, (query, patience) => this.#examine(query, patience));
    warnOfSlowness(performance.now() - startedAt, this);
  }

  override close(): void {
    this.#connection.close();
  }

  override get target(): Target {
    const { server, path: namespace } = this.#login;
    const system = this.#isMariadb ? "mariadb" : "mysql";
    return { address: server?.host ?? this.path, port: server?.port, system, namespace };
  }

  async #open(lifetime: AbortController): Promise<MysqlQuery> {
    const { path, family } = this;
    const { server, path: database, tls, ...login } = this.#login;
    const address = path === undefined ? { host: "localhost", port: mysqlLogin.defaultPort, ...server } : { path };
    const options = { ...login, address, family, database, tls: path === undefined ? tls : undefined };
    const ask = await openMysql(await this.#library(), options, lifetime);
    this.#isMariadb = firstValue(await ask("SELECT VERSION()"))?.includes("MariaDB") ?? false;
    return ask;
  }

  async #examine(ask: MysqlQuery, patience: number): Promise<void> {
    if (this.writable) {
      const isReadOnly = !["0", "OFF"].includes(firstValue(await ask("SELECT @@global.read_only")) ?? "");
      expectWritable({ isReplica: false, isReadOnly });
    }
    await this.#askQuery(ask, patience);
    if (this.maxReplicationLag === undefined) return;
    const seconds = await replicationLag(ask);
    this.measure("replicationLag", seconds);
    if (1000 * seconds <= this.maxReplicationLag.milliseconds) return;
    throw new ServiceWarning(`the replica is ${seconds} s behind, expected at most ${this.maxReplicationLag}`);
  }

  async #askQuery(ask: MysqlQuery, patience: number): Promise<void> {
    const { query, expected } = this;
    if (query === undefined) return expectValue((await ask("SELECT 1")).rows, 1, booleans);
    // An abandoned query would run on in the server, and the next run add another.
    const limit = this.#isMariadb
      ? `max_statement_time = ${Math.ceil(patience) / 1000}`
      : `max_execution_time = ${Math.ceil(patience)}`;
    await ask(`SET SESSION ${limit}`);
    const { rows } = await ask(query);
    if (expected !== undefined) expectValue(rows, expected, booleans);
  }
}

/** How MySQL prints true and false. */
const booleans = ["1", "0"] as const;

function firstValue({ rows }: MysqlAnswer): string | undefined {
  return rows[0]?.[0] ?? undefined;
}
