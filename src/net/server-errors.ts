import {
  HealthCheckError,
  NotKnownYet,
  type Reason,
  ServiceReturnedUnexpectedResult,
  ServiceUnavailable,
} from "../health/errors.ts";
import { systemError } from "../health/system-error.ts";

/** What an error of a server means. The text is ours, because the server's may name users and repeat queries. */
export type KnownError = readonly [reason: Reason, message: string];

/** What servers of all protocols do to a check. */
export const knownErrors = {
  loginRefused: ["authentication", "user name or password refused"],
  passwordRequired: ["authentication", "the server asks for a password"],
  /** The user may log in, but not do this. */
  permissionMissing: (what: string) => ["authentication", `the user lacks the permission for ${what}`],
  noConnectionLeft: ["unavailable", "the server has no connection left"],
  closedByServer: ["connection_reset", "connection closed by the server"],
  tlsDeclined: ["tls", "the server does not speak TLS"],
} as const satisfies Readonly<Record<string, KnownError | ((what: string) => KnownError)>>;

/** Makes the error for what is known of it. */
export function serverError([reason, message]: KnownError, cause?: unknown): HealthCheckError {
  const options = { reason, cause };
  return reason === "unexpected_result"
    ? new ServiceReturnedUnexpectedResult(message, options)
    : new ServiceUnavailable(message, options);
}

/**
 * Makes the error for what is not an answer of the protocol. Nothing of it is repeated, it may be anything.
 * @param protocol as people call it: `SSH`
 */
export function foreignProtocol(protocol: string, cause?: unknown): HealthCheckError {
  return serverError(["unexpected_result", `the server does not speak the protocol of ${protocol}`], cause);
}

/** Adds to an error that is expected which of several servers it is about. Gives any other back as it is. */
export function named(server: string, error: unknown): unknown {
  const known = error instanceof HealthCheckError ? error : systemError(error);
  if (known === undefined || known instanceof NotKnownYet) return error; // The latter is not about the server.
  return serverError([known.reason, `${server}: ${known.message}`], error);
}

/** Waits for what may fail by an error that is to be {@link named}. */
export async function naming<Value>(server: string, awaited: Promise<Value>): Promise<Value> {
  try {
    return await awaited;
  } catch (error) {
    throw named(server, error);
  }
}
