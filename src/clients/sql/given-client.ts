import { NotKnownYet } from "../../health/errors.ts";
import { systemError } from "../../health/system-error.ts";
import { isThenable } from "../../health/thenable.ts";
import { mysqlError } from "./mysql-error.ts";
import { sqlStateError } from "./postgres-error.ts";

/** Runs a query; what it gives, or rejects with, is awaited. */
export type QueryFunction = (query: string, signal: AbortSignal) => unknown;

/** How the clients of databases call what runs a query, in the order in which they are tried. */
const methods = ["$queryRawUnsafe", "raw", "query", "execute", "authenticate"] as const;
type Method = (typeof methods)[number];

/** A client, a pool or an object-relational mapper of the host program. */
export type DatabaseClient =
  | QueryFunction
  // biome-ignore lint/suspicious/noExplicitAny: each client takes further arguments of its own
  | { readonly [Name in Method]: Record<Name, (...given: any[]) => unknown> }[Method];

/** Whether it is a function, or has one of the methods. */
export function isDatabaseClient(value: unknown): boolean {
  return typeof value === "function" || methodOf(value) !== undefined;
}

/**
 * Runs a query by somebody else's client.
 * @throws HealthCheckError when the database answers with an error that is known; else whatever the client throws
 */
export async function askGivenClient(client: DatabaseClient, query: string, signal: AbortSignal): Promise<void> {
  try {
    if (typeof client === "function" && methodOf(client) === undefined) {
      await (client as QueryFunction)(query, signal); // It has no method, so it is no client that can also be called.
      return;
    }
    const method = methodOf(client) ?? "query";
    const answer = (client as Readonly<Record<Method, (text: string) => unknown>>)[method](query);
    if (!isThenable(answer)) {
      throw new NotKnownYet(`${method}() of the client gives no promise: give a function as client that does`);
    }
    await answer;
  } catch (error) {
    throw meaningOf(error);
  }
}

function methodOf(value: unknown): Method | undefined {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  const members = value as Readonly<Record<string, unknown>>; // Whose values are looked at one by one.
  return methods.find((name) => typeof members[name] === "function");
}

/** Mappers wrap what the driver says, as `cause`, or as `original` (Sequelize) or `driverError` (TypeORM). */
function meaningOf(thrown: unknown): unknown {
  if (systemError(thrown) !== undefined) return thrown;
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; depth += 1) {
    const { code, errno, severity, sqlState, cause, original, driverError } = error as Error & Record<string, unknown>;
    if (typeof errno === "number" && typeof sqlState === "string") return mysqlError(error);
    if (typeof code === "string" && typeof severity === "string") return sqlStateError({ ...error, code });
    error = cause ?? original ?? driverError;
    if (systemError(error) !== undefined) return error;
  }
  return thrown;
}
