import type { HealthCheckError } from "../../health/errors.ts";
import { NoConnectionLeftForUser } from "../../net/kept-connection.ts";
import { foreignProtocol, type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";
import { factNames, withFacts } from "../../net/spans/span-facts.ts";

/** PostgreSQL's codes for errors, and for whole classes of them (PostgreSQL documentation, appendix A). */
const knownStates: Readonly<Record<string, KnownError>> = {
  "28": ["authentication", "the server does not let the user in"],
  "28P01": knownErrors.loginRefused,
  "3D000": ["unavailable", "the server has no database of that name"],
  "42501": knownErrors.permissionMissing("the query"),
  "53": ["unavailable", "the server lacks memory or disk space"],
  "53300": knownErrors.noConnectionLeft,
  "57014": ["timeout", "the server cancelled the query"],
  "57P01": ["unavailable", "the server is shutting down"],
  "57P02": ["unavailable", "the server is restarting after a crash"],
  "57P03": ["unavailable", "the server is starting, stopping or recovering"],
};

/**
 * Says what an error means that PostgreSQL answered with.
 * @param error.code its SQLSTATE
 * @param error.routine the function of the server that it comes from
 */
export function sqlStateError(error: { code?: string | undefined; routine?: string | undefined }): HealthCheckError {
  const { code = "" } = error;
  if (!/^[0-9A-Z]{5}$/.test(code)) return foreignPostgres(error);
  return withFacts(knownStateError(code, error), { [factNames.dbResponseStatusCode]: code });
}

function knownStateError(code: string, error: { routine?: string | undefined }): HealthCheckError {
  const { routine } = error;
  // The functions of the server that limit the connections of a user and of a database.
  if (code === "53300" && (routine === "InitializeSessionUserId" || routine === "CheckMyDatabase")) {
    return new NoConnectionLeftForUser("the server has no connection left for the user", { cause: error });
  }
  const known = knownStates[code] ?? knownStates[code.slice(0, 2)];
  if (known !== undefined) return serverError(known, error);
  // Class 42: an error in the query, or something in it that does not exist.
  return code.startsWith("42")
    ? serverError(["unexpected_result", `the server cannot run the query (SQLSTATE ${code})`], error)
    : serverError(["unavailable", `the server answered with an error (SQLSTATE ${code})`], error);
}

/** What came is not an answer of PostgreSQL. */
export const foreignPostgres = (cause?: unknown): HealthCheckError => foreignProtocol("PostgreSQL", cause);

/**
 * Says what an error of the client library means. It has one without a code for each message that it cannot understand.
 * @returns the error itself when it is one of the system's
 */
export function clientError(error: unknown): unknown {
  if (!(error instanceof Error) || typeof (error as NodeJS.ErrnoException).code === "string") return error;
  const { message } = error;
  if (message.startsWith("Connection terminated")) return serverError(knownErrors.closedByServer, error);
  if (message === tlsRefusal) return serverError(knownErrors.tlsDeclined, error);
  if (message.startsWith("SASL: ")) return serverError(["authentication", "the login failed"], error);
  return foreignPostgres(error);
}

/** What the client library says when the server declines TLS. */
export const tlsRefusal = "The server does not support SSL connections";
