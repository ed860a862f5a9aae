import {
  type HealthCheckError,
  type Reason,
  ServiceReturnedUnexpectedResult,
  ServiceUnavailable,
} from "../../health/errors.ts";

/**
 * What the codes mean that PostgreSQL gives its errors, or a whole class of them (PostgreSQL documentation, appendix A).
 * The texts are ours: the server's may name users and repeat queries.
 */
const knownStates: Readonly<Record<string, readonly [Reason, string]>> = {
  "28": ["authentication", "the server does not let the user in"],
  "28P01": ["authentication", "user name or password refused"],
  "3D000": ["unavailable", "the server has no database of that name"],
  "42501": ["authentication", "the user lacks the permission for the query"],
  "53": ["unavailable", "the server lacks memory or disk space"],
  "53300": ["unavailable", "the server has no connection left"],
  "57014": ["timeout", "the server cancelled the query"],
  "57P01": ["unavailable", "the server is shutting down"],
  "57P02": ["unavailable", "the server is restarting after a crash"],
  "57P03": ["unavailable", "the server is starting, stopping or recovering"],
};

/**
 * Says what an error means that PostgreSQL answered with.
 * @param code the five characters of its SQLSTATE; undefined when it has none, and is not PostgreSQL's
 */
export function sqlStateError(code: string | undefined, cause: unknown): HealthCheckError {
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) return foreignProtocol(cause);
  const known = knownStates[code] ?? knownStates[code.slice(0, 2)];
  if (known !== undefined) return new ServiceUnavailable(known[1], { reason: known[0], cause });
  // Class 42: a mistake in the query, or something in it that does not exist.
  if (code.startsWith("42")) {
    return new ServiceReturnedUnexpectedResult(`the server cannot run the query (SQLSTATE ${code})`, { cause });
  }
  return new ServiceUnavailable(`the server answered with an error (SQLSTATE ${code})`, { cause });
}

/** What came is not an answer of PostgreSQL. */
export function foreignProtocol(cause?: unknown): ServiceReturnedUnexpectedResult {
  return new ServiceReturnedUnexpectedResult("the server does not speak the protocol of PostgreSQL", { cause });
}

/**
 * Says what an error of the client library means.
 * @returns the error itself when it is one of the system's, or unforeseen
 */
export function clientError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { message } = error;
  if (message.startsWith("Connection terminated")) {
    return new ServiceUnavailable("connection closed by the server", { reason: "connection_reset", cause: error });
  }
  if (message === tlsRefusal) {
    return new ServiceUnavailable("the server does not speak TLS", { reason: "tls", cause: error });
  }
  if (message === "There was an error establishing an SSL connection") return foreignProtocol(error);
  if (message.startsWith("SASL: ")) {
    return new ServiceUnavailable("the login failed", { reason: "authentication", cause: error });
  }
  return error;
}

/** What the client library says when the server declines TLS. */
export const tlsRefusal = "The server does not support SSL connections";
