import { NotKnownYet, type Reason, ServiceUnavailable } from "./errors.ts";

const handshakeFailed = "TLS handshake failed";
const unknownIssuer =
  "certificate's issuer is not trusted: trust its authority, or let the server send its whole chain";

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
  ENOTFOUND: ["dns", "host name not found"],
  EAI_AGAIN: ["dns", "host name could not be resolved"],
  EAI_NODATA: ["dns", "host name has no address"],
  EPROTO: ["tls", handshakeFailed],
  CERT_HAS_EXPIRED: ["certificate", "certificate has expired: renew it"],
  CERT_NOT_YET_VALID: ["certificate", "certificate is not valid yet: is a clock wrong?"],
  CERT_REVOKED: ["certificate", "certificate is revoked"],
  CERT_UNTRUSTED: ["certificate", "certificate is not trusted"],
  CERT_SIGNATURE_FAILURE: ["certificate", "certificate has a wrong signature"],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    "certificate",
    "certificate is self-signed: trust it explicitly, or replace it by one of an authority",
  ],
  SELF_SIGNED_CERT_IN_CHAIN: ["certificate", "certificate's root authority is not trusted: trust it explicitly"],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ["certificate", unknownIssuer],
  UNABLE_TO_GET_ISSUER_CERT: ["certificate", unknownIssuer],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ["certificate", unknownIssuer],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    "certificate",
    "certificate is for another host name: it must have the name that is asked for",
  ],
};

/**
 * Recognises what the operating system, the resolver and TLS say when a service cannot be reached.
 * Looks through `cause` and through the first of an `AggregateError`'s errors (a host name with several addresses).
 * @returns undefined for any other error
 */
export function systemError(error: unknown): ServiceUnavailable | undefined {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 5; depth += 1) {
    const { code } = inner as NodeJS.ErrnoException;
    const known = typeof code === "string" ? (knownCodes[code] ?? tlsFailure(code, inner.message)) : undefined;
    if (known !== undefined) return new ServiceUnavailable(known[1], { reason: known[0], cause: error });
    inner = inner instanceof AggregateError ? inner.errors[0] : inner.cause;
  }
  return undefined;
}

/** What OpenSSL's names for a failed handshake mean (RFC 8446, section 6.2, for those of alerts). */
const handshakeFailures: readonly (readonly [RegExp, string])[] = [
  [/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW/, "the server speaks no TLS 1.2 or newer: update it"],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|BAD_RECORD_TYPE/,
    "the server does not speak TLS on this port: ask without TLS, or at another port",
  ],
  [
    /NO_APPLICATION_PROTOCOL/,
    "the server does not speak HTTP/1.1 on this port, perhaps only HTTP/2: let it offer both",
  ],
  [/TOO_SMALL|TOO_WEAK|INSUFFICIENT_SECURITY/, "a key of the server is too weak: it needs a longer one"],
  [/CERTIFICATE_REQUIRED/, "the server asks for a client certificate"],
  [/ALERT_.*(?:CERTIFICATE|UNKNOWN_CA)/, "the server does not accept the client certificate"],
  [/UNRECOGNIZED_NAME/, "the server does not know the name that it is asked for"],
  [
    /ALERT_HANDSHAKE_FAILURE|NO_SHARED_CIPHER/,
    "the server refused the TLS handshake: it asks for a client certificate, or has no cipher that is safe",
  ],
];

function tlsFailure(code: string, message: string): readonly [Reason, string] | undefined {
  // What Node.js has no code for, it only names.
  if (code === "UNSPECIFIED" && /too weak/.test(message)) {
    return ["certificate", "certificate has a key or signature that is too weak: renew it with a longer key"];
  }
  if (!/^ERR_(?:SSL|TLS)_/.test(code)) return undefined;
  return ["tls", handshakeFailures.find(([pattern]) => pattern.test(code))?.[1] ?? handshakeFailed];
}

/** What this process or machine has run out of, by the code with which the operating system or Node.js says so. */
const shortages = {
  EMFILE: "this process has too many files open (raise its limit: ulimit -n)",
  ENFILE: "this machine has too many files open (raise its limit: fs.file-max)",
  ENOBUFS: "this machine has no memory left for sockets",
  ENOMEM: "this machine has no memory left",
  EAI_MEMORY: "this machine has no memory left",
  EADDRNOTAVAIL: "this machine has no address or port left to connect from",
  ERR_WORKER_INIT_FAILED: "no worker thread could be started",
  ERR_MEMORY_ALLOCATION_FAILED: "this process has no memory left",
} as const;

/** One of the codes of {@link shortages}. */
export type ShortageCode = keyof typeof shortages;

/** This process or machine has run out of something. That says nothing about what was to be checked. */
export class OwnShortage extends NotKnownYet {
  readonly code: ShortageCode;

  constructor(code: ShortageCode, options?: ErrorOptions) {
    super(shortages[code], options);
    this.code = code;
  }
}

/**
 * Recognises that a run failed for want of something that this process or machine has run out of. Looks through `cause`, and
 * through the errors of an `AggregateError`: an address that could not be tried might have answered. Codes that a server has
 * sent do not count.
 * @returns undefined for any other error
 */
export function ownShortage(error: unknown): OwnShortage | undefined {
  const code = shortageCode(error, 0);
  return code === undefined ? undefined : new OwnShortage(code, { cause: error });
}

function shortageCode(error: unknown, depth: number): ShortageCode | undefined {
  if (!(error instanceof Error) || depth > 5) return undefined;
  if (error instanceof OwnShortage) return error.code;
  const { code, syscall } = error as NodeJS.ErrnoException;
  // What is no error of the system may have a number as its code.
  const isOurs = typeof code === "string" && (typeof syscall === "string" || code.startsWith("ERR_"));
  if (isOurs && Object.hasOwn(shortages, code)) return code as ShortageCode;
  if (!(error instanceof AggregateError)) return shortageCode(error.cause, depth + 1);
  const codes = error.errors.map((one) => shortageCode(one, depth + 1));
  // Where IPv6 is off, its addresses cannot be connected from; what became of the others counts.
  const counted = codes.every((one) => one === "EADDRNOTAVAIL")
    ? codes
    : codes.filter((one) => one !== "EADDRNOTAVAIL");
  return counted.find((one) => one !== undefined);
}
