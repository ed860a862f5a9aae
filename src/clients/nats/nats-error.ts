import type { HealthCheckError } from "../../health/errors.ts";
import { NoConnectionLeftForUser } from "../../net/kept-connection.ts";
import { foreignProtocol, type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";

export const protocol = "NATS";

/** What servers say when something is wrong (NATS client protocol, "+OK/-ERR", and nats-server 2.9). */
const knownAnswers: readonly (readonly [RegExp, KnownError])[] = [
  [/authorization violation/i, knownErrors.loginRefused],
  [/authentication (?:expired|revoked)/i, ["authentication", "the server no longer accepts the login"]],
  [/authentication timeout/i, ["timeout", "the server did not get the login in time"]],
  [/maximum .*connections/i, knownErrors.noConnectionLeft],
  [/tls required/i, ["tls", "the server asks for TLS: give tls: true, or a url that begins with tls://"]],
  [/shutdown/i, ["unavailable", "the server is shutting down"]],
  [/stale connection/i, ["connection_reset", "the server took the connection for dead"]],
];

/**
 * Says what an error of the server means. Nothing of it is repeated: it may name users and subjects.
 * @param text what follows `-ERR`
 */
export function natsError(text: string, hasLogin: boolean): HealthCheckError {
  const [, known] = knownAnswers.find(([pattern]) => pattern.test(text)) ?? [];
  if (known === undefined) return serverError(["unavailable", "the server answered with an error"]);
  if (known === knownErrors.loginRefused && !hasLogin) return serverError(knownErrors.passwordRequired);
  // It may be the limit of the account, which the check's own previous connection may have reached.
  return known === knownErrors.noConnectionLeft ? new NoConnectionLeftForUser(known[1]) : serverError(known);
}

/** What came is not of NATS. */
export const foreignNats = (): HealthCheckError => foreignProtocol(protocol);
