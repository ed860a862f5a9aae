import type { HealthCheckError } from "../../health/errors.ts";
import { foreignProtocol, type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";
import { factNames, withFacts } from "../../net/spans/span-facts.ts";

/** Errors of Redis begin with a word in capitals. What follows it may quote the request. */
const knownReplies: readonly (readonly [RegExp, KnownError])[] = [
  [/^WRONGPASS\b|^ERR invalid password/, knownErrors.loginRefused],
  [/^NOAUTH\b/, knownErrors.passwordRequired],
  [/^NOPERM\b/, knownErrors.permissionMissing("a command of the check")],
  [
    /^ERR (?:Client sent AUTH|AUTH <password> called)/,
    ["authentication", "the server has no password, but the check gives one"],
  ],
  [/^ERR wrong number of arguments for 'auth'/, ["authentication", "the server does not support user names"]],
  [/^DENIED\b/, ["authentication", "the server accepts no connections from other hosts (protected mode)"]],
  [/^LOADING\b/, ["unavailable", "the server is loading its data"]],
  [/^BUSY\b/, ["unavailable", "the server is busy with a script"]],
  [/^MASTERDOWN\b/, ["unavailable", "the replica has lost its primary"]],
  [/^OOM\b/, ["unavailable", "the server has no memory left for what is written"]],
  [/^READONLY\b/, ["unavailable", "the server is a replica and accepts no writes"]],
  [/^WRONGTYPE\b/, ["unexpected_result", "the key holds something else than a text"]],
  [/^MOVED\b/, ["unexpected_result", "the server is a node of a cluster, and another one has the key"]],
  [/^MISCONF\b/, ["unavailable", "the server cannot save its data and refuses writes"]],
  [/^CLUSTERDOWN\b/, ["unavailable", "the cluster is down"]],
  [/^ERR max number of clients/, knownErrors.noConnectionLeft],
  [/^ERR (?:DB index is out of range|invalid DB index)/, ["unavailable", "the server has no database of that number"]],
  [/^ERR This instance has cluster support disabled/, ["unexpected_result", "the server is not a node of a cluster"]],
  [/^ERR unknown command.*\bsentinel\b/i, ["unexpected_result", "the server is not a sentinel"]],
  [/^ERR unknown (?:sub)?command/i, ["unavailable", "the server does not know a command of the check"]],
];

/**
 * Says what an error reply of Redis means.
 * @param reply its whole text, which is not shown
 */
export function replyError(reply: string, cause: unknown): HealthCheckError {
  const word = /^[A-Z]{2,20}\b/.exec(reply)?.[0];
  const code = word ?? "an error";
  const known = knownReplies.find(([pattern]) => pattern.test(reply))?.[1];
  const error = serverError(known ?? ["unavailable", `the server answered with ${code}`], cause);
  return withFacts(error, word === undefined ? {} : { [factNames.dbResponseStatusCode]: word });
}

/** What came is not a reply of Redis. */
export const foreignRedis = (cause?: unknown): HealthCheckError => foreignProtocol("Redis", cause);
