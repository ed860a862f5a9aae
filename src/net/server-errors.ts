import {
  type HealthCheckError,
  type Reason,
  ServiceReturnedUnexpectedResult,
  ServiceUnavailable,
} from "../health/errors.ts";

/** What an error of a server means. The text is ours, because the server's may name users and repeat questions. */
export type KnownError = readonly [reason: Reason, message: string];

/** What servers of all protocols do to a check. */
export const knownErrors = {
  loginRefused: ["authentication", "user name or password refused"],
  passwordRequired: ["authentication", "the server asks for a password"],
  noConnectionLeft: ["unavailable", "the server has no connection left"],
  closedByServer: ["connection_reset", "connection closed by the server"],
} as const satisfies Readonly<Record<string, KnownError>>;

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
