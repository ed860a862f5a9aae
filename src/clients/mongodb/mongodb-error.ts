import { HealthCheckError, ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import { foreignProtocol, type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";
import { factNames, withFacts } from "../../net/spans/span-facts.ts";
import type { MongodbLibrary } from "./mongodb-library.ts";

const notPrimary: KnownError = ["assertion", "the server is not the primary of its replica set and accepts no writes"];
const shuttingDown: KnownError = ["unavailable", "the server is shutting down"];
const electing: KnownError = ["unavailable", "the replica set is electing a primary"];
const otherLogin: KnownError = ["authentication", "the server wants a kind of login that the check does not have"];

/** What the codes mean (MongoDB's source, `src/mongo/base/error_codes.yml`). */
const knownCodes: Readonly<Record<number, KnownError>> = {
  11: knownErrors.loginRefused,
  13: knownErrors.permissionMissing("the commands hello and ping"),
  18: knownErrors.loginRefused,
  50: ["timeout", "the server cancelled the command"],
  59: ["unexpected_result", "the server does not know the commands hello and ping: it is too old"],
  91: shuttingDown,
  189: electing,
  334: otherLogin,
  8000: knownErrors.loginRefused, // Atlas
  10058: notPrimary,
  10107: notPrimary,
  11600: shuttingDown,
  11602: electing,
  13435: notPrimary,
  13436: ["unavailable", "the server is starting or recovering: it is neither primary nor secondary"],
};

/**
 * Says what an error of the client library means.
 * @returns the error itself when it is one of ours or of the system's, or the one of these that has caused it
 */
export function mongodbError(error: unknown, library: MongodbLibrary): unknown {
  if (error instanceof library.MongoServerError) return codedError(Number(error.code));
  const cause = knownCause(error);
  if (cause !== undefined) return cause;
  if (error instanceof library.MongoNetworkError) return serverError(knownErrors.closedByServer, error);
  if (error instanceof library.MongoCompatibilityError) {
    const message = "the server's version and that of the package mongodb do not go together: update the older one";
    return serverError(["unexpected_result", message], error);
  }
  return foreignMongodb(error);
}

/** What came is not an answer of MongoDB. */
export const foreignMongodb = (cause?: unknown): HealthCheckError => foreignProtocol("MongoDB", cause);

/** Without the server's error as its cause, whose fields are the server's words: a code may look like one of the system's. */
function codedError(code: number): HealthCheckError {
  if (Number.isNaN(code)) return serverError(["unavailable", "the server answered with an error"]);
  const [reason, message] = knownCodes[code] ?? ["unavailable", `the server answered with an error (${code})`];
  const error =
    reason === "assertion" ? new ServiceReturnedUnexpectedResult(message, { reason }) : serverError([reason, message]);
  return withFacts(error, { [factNames.dbResponseStatusCode]: String(code) });
}

function knownCause(error: unknown): Error | undefined {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 5; depth += 1) {
    const { code } = inner as NodeJS.ErrnoException;
    if (inner instanceof HealthCheckError) return inner;
    if (typeof code === "string") return inner;
    inner = inner.cause;
  }
  return undefined;
}

/** Says why the servers of a service could not be found. Some codes of name servers are those of a refused connection. */
export function serviceError(error: unknown): HealthCheckError {
  const { code, syscall } = (error instanceof Error ? error : {}) as NodeJS.ErrnoException;
  if (syscall === undefined) {
    const message = "the service's SRV record names servers of another domain, or its TXT record is wrong";
    return serverError(["dns", message], error);
  }
  const isMissing = code === "ENOTFOUND" || code === "ENODATA";
  const message = isMissing
    ? "the name has no SRV record of MongoDB: the address of servers begins with mongodb://"
    : "the SRV record of the name could not be looked up";
  return serverError(["dns", message], error);
}
