import { type Reason, ServiceUnavailable } from "./errors.ts";

/** A fixed text a code, because the operating system's own may name what must not be shown. */
const knownCodes: Readonly<Record<string, readonly [Reason, string]>> = {
  ECONNREFUSED: ["connection_refused", "connection refused"],
  ECONNRESET: ["connection_reset", "connection reset"],
  ECONNABORTED: ["connection_reset", "connection aborted"],
  EPIPE: ["connection_reset", "connection closed by the other side"],
  ETIMEDOUT: ["timeout", "connection timed out"],
  ERR_SOCKET_CONNECTION_TIMEOUT: ["timeout", "connection timed out"],
  EHOSTUNREACH: ["unavailable", "host unreachable"],
  ENETUNREACH: ["unavailable", "network unreachable"],
  EADDRNOTAVAIL: ["unavailable", "address not available"],
  ENOTFOUND: ["dns", "host name not found"],
  EAI_AGAIN: ["dns", "host name could not be resolved"],
  EAI_NODATA: ["dns", "host name has no address"],
  EPROTO: ["tls", "TLS handshake failed"],
  CERT_HAS_EXPIRED: ["certificate", "certificate has expired"],
  CERT_NOT_YET_VALID: ["certificate", "certificate is not valid yet"],
  CERT_REVOKED: ["certificate", "certificate is revoked"],
  CERT_UNTRUSTED: ["certificate", "certificate is not trusted"],
  CERT_SIGNATURE_FAILURE: ["certificate", "certificate has a wrong signature"],
  DEPTH_ZERO_SELF_SIGNED_CERT: ["certificate", "certificate is self-signed"],
  SELF_SIGNED_CERT_IN_CHAIN: ["certificate", "certificate chain is self-signed"],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ["certificate", "certificate's issuer is not trusted"],
  UNABLE_TO_GET_ISSUER_CERT: ["certificate", "certificate's issuer is missing"],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ["certificate", "certificate's issuer is not trusted"],
  ERR_TLS_CERT_ALTNAME_INVALID: ["certificate", "certificate is for another host name"],
};

/**
 * Recognises what the operating system, the resolver and TLS say when a service cannot be reached.
 * Looks through `cause` and through the first of an `AggregateError`'s errors (a host name with several addresses).
 * @returns undefined for any other error
 */
export function systemError(error: unknown): ServiceUnavailable | undefined {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 5; depth += 1) {
    const { code } = inner as NodeJS.ErrnoException;
    const known = typeof code === "string" ? (knownCodes[code] ?? tlsFailure(code)) : undefined;
    if (known !== undefined) return new ServiceUnavailable(known[1], { reason: known[0], cause: error });
    inner = inner instanceof AggregateError ? inner.errors[0] : inner.cause;
  }
  return undefined;
}

function tlsFailure(code: string): readonly [Reason, string] | undefined {
  return /^ERR_(?:SSL|TLS)_/.test(code) ? ["tls", "TLS handshake failed"] : undefined;
}
