import { HealthCheckError, ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import { NoConnectionLeftForUser } from "../../net/kept-connection.ts";
import { foreignProtocol, type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";

const cancelled: KnownError = ["timeout", "the server cancelled the query"];
const queryRefused = knownErrors.permissionMissing("the query");
const readOnly: KnownError = ["assertion", "the server is read-only and accepts no writes"];

/** What the numbers mean with which MySQL and MariaDB answer (MySQL, "Server Error Message Reference"). */
const knownNumbers: Readonly<Record<number, KnownError>> = {
  1040: knownErrors.noConnectionLeft,
  1044: knownErrors.permissionMissing("the database"),
  1045: knownErrors.loginRefused,
  1049: ["unavailable", "the server has no database of that name"],
  1053: ["unavailable", "the server is shutting down"],
  1129: [
    "unavailable",
    "the server has blocked this host after broken handshakes: run mysqladmin flush-hosts on the server",
  ],
  1130: ["authentication", "the server accepts no connections from this host"],
  1142: queryRefused,
  1143: queryRefused,
  1227: queryRefused,
  1290: readOnly,
  1317: cancelled,
  1370: queryRefused,
  1698: knownErrors.loginRefused,
  1820: ["authentication", "the password has expired: set another"],
  1836: readOnly,
  1862: ["authentication", "the password has expired: set another"],
  1969: cancelled,
  3024: cancelled,
  3159: ["tls", "the server asks for TLS: give sslmode: require, or ca"],
};

/** Of a user, and of the connections of one user: the others may have some left. */
const connectionLimitsOfUser: ReadonlySet<number> = new Set([1203, 1226]);

/**
 * Says what an error of the client library means.
 * @returns the error itself when it is one of ours or of the system's
 */
export function mysqlError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof HealthCheckError) return error;
  const { errno, code, sqlState } = error as { errno?: unknown; code?: unknown; sqlState?: unknown };
  if (typeof errno === "number" && errno > 0) return numberedError(errno, String(sqlState), error);
  if (code === "PROTOCOL_CONNECTION_LOST") return serverError(knownErrors.closedByServer, error);
  if (code === tlsDeclinedCode) return serverError(knownErrors.tlsDeclined, error);
  if (code === "AUTH_SWITCH_PLUGIN_ERROR" || code === "MYSQL_CLEAR_PASSWORD_NOT_ENABLED") {
    return serverError(["authentication", "the server wants a kind of login that the check does not have"], error);
  }
  const readsBeyond = error instanceof RangeError || error instanceof TypeError;
  const isOfLibrary = readsBeyond || typeof code !== "string" || /^(?:PROTOCOL|HANDSHAKE|AUTH|MYSQL)_/.test(code);
  return isOfLibrary ? foreignMysql(error) : error;
}

/** What the client library's error is called when the server does not offer TLS. */
export const tlsDeclinedCode = "HANDSHAKE_NO_SSL_SUPPORT";

/** What came is not an answer of MySQL. */
export const foreignMysql = (cause?: unknown): HealthCheckError => foreignProtocol("MySQL", cause);

function numberedError(number: number, sqlState: string, cause: Error): HealthCheckError {
  if (connectionLimitsOfUser.has(number)) {
    return new NoConnectionLeftForUser("the server has no connection left for the user", { cause });
  }
  const known = knownNumbers[number];
  if (known?.[0] === "assertion") return new ServiceReturnedUnexpectedResult(known[1], { reason: known[0], cause });
  if (known !== undefined) return serverError(known, cause);
  // Class 42: an error in the query, or something in it that does not exist.
  return sqlState.startsWith("42")
    ? serverError(["unexpected_result", `the server cannot run the query (error ${number})`], cause)
    : serverError(["unavailable", `the server answered with an error (${number})`], cause);
}
