import { ServiceReturnedUnexpectedResult, ServiceUnavailable } from "../../health/errors.ts";
import { knownErrors, serverError } from "../../net/server-errors.ts";
import type { MysqlAnswer, MysqlQuery } from "./mysql-connection.ts";

/** MySQL 8.4 knows only the first statement, and what is older than MySQL 8.0.22 and MariaDB 10.5 only the second. */
const statements = ["SHOW REPLICA STATUS", "SHOW SLAVE STATUS"] as const;
const syntaxError = 1064;

/**
 * Asks a replica how far it is behind: over several sources, behind the one that it is furthest behind.
 * @returns seconds
 * @throws HealthCheckError when replication has stopped, the server is no replica, or the user may not ask
 */
export async function replicationLag(ask: MysqlQuery): Promise<number> {
  const { rows, columns } = await replicaStatus(ask);
  if (rows.length === 0) {
    throw new ServiceReturnedUnexpectedResult("the server is not a replica", { reason: "assertion" });
  }
  const column = columns.findIndex((name) => /^Seconds_Behind_(?:Source|Master)$/i.test(name));
  const lags = rows.map((row) => row[column] ?? undefined);
  if (lags.includes(undefined)) throw new ServiceUnavailable("the replication has stopped");
  return Math.max(...lags.map(Number));
}

async function replicaStatus(ask: MysqlQuery): Promise<MysqlAnswer> {
  try {
    return await ask(statements[0]);
  } catch (error) {
    const number = errorNumber(error);
    if (number === 1227) throw serverError(knownErrors.permissionMissing("the state of the replication"), error);
    if (number !== syntaxError) throw error;
    return ask(statements[1]);
  }
}

function errorNumber(error: unknown): unknown {
  return error instanceof Error ? (error.cause as { errno?: unknown } | undefined)?.errno : undefined;
}
