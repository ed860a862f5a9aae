import {
  type HealthCheckError,
  type Reason,
  ServiceReturnedUnexpectedResult,
  ServiceUnavailable,
} from "../../health/errors.ts";

/** The errors that Redis answers with begin with a word in capitals. What follows it may quote the request. */
const knownReplies: readonly (readonly [RegExp, Reason, string])[] = [
  [/^WRONGPASS\b|^ERR invalid password/, "authentication", "user name or password refused"],
  [/^NOAUTH\b/, "authentication", "the server asks for a password"],
  [/^NOPERM\b/, "authentication", "the user lacks the permission for a command of the check"],
  [
    /^ERR (?:Client sent AUTH|AUTH <password> called)/,
    "authentication",
    "the server has no password, the check has one",
  ],
  [/^ERR wrong number of arguments for 'auth'/, "authentication", "the server knows no user names"],
  [/^DENIED\b/, "authentication", "the server accepts no connections from other hosts (protected mode)"],
  [/^LOADING\b/, "unavailable", "the server is loading its data"],
  [/^BUSY\b/, "unavailable", "the server is busy with a script"],
  [/^MASTERDOWN\b/, "unavailable", "the replica has lost its primary"],
  [/^MISCONF\b/, "unavailable", "the server cannot save its data and refuses writes"],
  [/^CLUSTERDOWN\b/, "unavailable", "the cluster is down"],
  [/^ERR max number of clients/, "unavailable", "the server has no connection left"],
  [/^ERR DB index is out of range|^ERR invalid DB index/, "unavailable", "the server has no database of that number"],
  [/^ERR This instance has cluster support disabled/, "unexpected_result", "the server is no node of a cluster"],
  [/^ERR unknown command.*\bsentinel\b/i, "unexpected_result", "the server is no sentinel"],
];

/**
 * Says what an error means that Redis answered with.
 * @param reply its whole text, which is not shown
 */
export function replyError(reply: string, cause: unknown): HealthCheckError {
  const known = knownReplies.find(([pattern]) => pattern.test(reply));
  if (known !== undefined) return new ServiceUnavailable(known[2], { reason: known[1], cause });
  const code = /^[A-Z]{2,20}\b/.exec(reply)?.[0] ?? "an error";
  return new ServiceUnavailable(`the server answered with ${code}`, { cause });
}

/** The server ended the connection. */
export function closedByServer(cause: unknown): ServiceUnavailable {
  return new ServiceUnavailable("connection closed by the server", { reason: "connection_reset", cause });
}

/** What came is not an answer of Redis. */
export function foreignProtocol(cause?: unknown): ServiceReturnedUnexpectedResult {
  return new ServiceReturnedUnexpectedResult("the server does not speak the protocol of Redis", { cause });
}
