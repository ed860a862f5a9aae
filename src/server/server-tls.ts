import type { TlsOptions } from "node:tls";
import type { Secret } from "../health/secret.ts";

/** By what the server makes itself known, and whom it lets in. */
export interface ServerTls {
  /** The certificate and those between it and its authority, in PEM form. */
  readonly certificate: string;
  /** The private key of the certificate, in PEM form. */
  readonly key: Secret;
  /** The authorities of the certificates that clients need, in PEM form; undefined when they need none. */
  readonly clientCa: string | undefined;
  /** The lowest version of TLS. */
  readonly minVersion: "1.2" | "1.3";
}

/** What Node.js takes, at the start and for new connections after a reload. */
export function serverTlsOptions({ certificate, key, clientCa, minVersion }: ServerTls): TlsOptions {
  return {
    cert: certificate,
    key: key.reveal(),
    minVersion: `TLSv${minVersion}`,
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  };
}
