import { HealthCheckError, ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import { foreignProtocol, type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";

const tlsWanted: KnownError = [
  "tls",
  "the server asks for TLS: give startTls: true, or a url that begins with ldaps://",
];

/** What the result codes mean (RFC 4511, appendix A). */
const knownCodes: Readonly<Record<number, KnownError>> = {
  3: ["timeout", "the server ended the search, which took too long"],
  8: tlsWanted,
  10: ["unexpected_result", "the server refers to another server"],
  13: tlsWanted,
  32: ["assertion", "the server has no such base"],
  34: ["unexpected_result", "base or bindDn is no distinguished name"],
  48: knownErrors.loginRefused,
  49: knownErrors.loginRefused,
  50: knownErrors.permissionMissing("the search"),
  51: ["unavailable", "the server is busy"],
  52: ["unavailable", "the server is shutting down, or another that it needs is away"],
  53: ["authentication", "the server is not willing to do this without another login"],
};

/** The server did not speak TLS when it was asked to: a protocol error, or an operation that it does not know. */
export const startTlsRefusals: ReadonlySet<unknown> = new Set([1, 2, 12, 53]);

/** More entries were found than were asked for. */
export const sizeLimitExceeded = 4;

/** The result code with which a server has answered, by the client library's error. */
export function resultCodeOf(error: unknown): number | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return error instanceof Error && typeof code === "number" ? code : undefined;
}

/**
 * Says what an error of the client library means.
 * @returns the error itself when it is one of ours or of the system's
 */
export function ldapError(error: unknown): unknown {
  if (error instanceof HealthCheckError || typeof (error as NodeJS.ErrnoException).code === "string") return error;
  const code = resultCodeOf(error);
  if (code === undefined) return foreignLdap(error);
  const known = knownCodes[code] ?? (["unavailable", `the server answered with result code ${code}`] as const);
  if (known[0] !== "assertion") return serverError(known, error);
  return new ServiceReturnedUnexpectedResult(known[1], { reason: known[0], cause: error });
}

/** What came is not an answer of LDAP. */
export const foreignLdap = (cause?: unknown): HealthCheckError => foreignProtocol("LDAP", cause);
