import { z } from "zod";
import { askGivenClient, type DatabaseClient, isDatabaseClient } from "../clients/sql/given-client.ts";
import { codeObject } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { networkFields, warnOfSlowness } from "../net/network-fields.ts";

/**
 * Runs a query by the program's own database client or pool, of whatever database: in code only.
 *
 * It sees what the program sees: a pool that is exhausted, a rotated password. The client is a function, or has a method
 * `$queryRawUnsafe` (Prisma), `raw` (Knex), `query` (pg, TypeORM, the promises of mysql2), `execute` (Drizzle, oracledb) or
 * `authenticate` (Sequelize), which is called with the query. A query that is not over at the time-out holds its connection:
 * until it ends, no other is begun.
 *
 * ```ts
 * new HealthMonitor([
 *   new Database({ client: pool, interval: "15s" }),
 *   new Database({ name: "stock", client: (query) => sqlServer.request().query(query) }),
 * ]);
 * ```
 */
export class Database extends healthCheck({
  group: "code",
  settings: {
    client: codeObject<DatabaseClient>(
      "client, in code",
      isDatabaseClient,
      "must be given in code: a function, or an object with a method query, raw, execute, $queryRawUnsafe or authenticate",
    ).describe("The program's own client or pool, or a function that is given the query and an abort signal."),
    query: z.string().min(1).default("SELECT 1").describe("What is asked. In Oracle before 23ai: SELECT 1 FROM DUAL."),
    maxResponseTime: networkFields.maxResponseTime.describe(
      "Warns when the query, and the wait for a connection, take longer.",
    ),
  },
}) {
  static readonly mainThreadOnly = "its client belongs to the program that made it";

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    await askGivenClient(this.client(), this.query, signal);
    warnOfSlowness(performance.now() - startedAt, this);
  }
}
