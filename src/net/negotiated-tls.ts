import type { ConnectionOptions } from "node:tls";
import { z } from "zod";
import { type TlsFields, tlsFields, tlsOptions } from "./tls-options.ts";

const sslModes = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;

/** How much TLS a client demands of a server that negotiates it, in the words of libpq (PostgreSQL, "SSL Support"). */
export type SslMode = (typeof sslModes)[number];

/** Settings of every check whose client asks the server whether it speaks TLS. */
export const negotiatedTlsFields = {
  sslmode: z
    .enum(sslModes)
    .optional()
    .describe(
      "As in libpq. disable: no TLS. prefer: TLS when the server offers it. require: TLS; the certificate is verified when ca is given, else not. verify-ca: the certificate must be signed by ca. verify-full: it must be for the host's name too. Default: verify-full when ca is given, else prefer.",
    ),
  ca: tlsFields.ca,
  clientCertificate: tlsFields.clientCertificate,
  clientKey: tlsFields.clientKey,
};

/** The values of {@link negotiatedTlsFields}. */
export interface NegotiatedTls extends Pick<TlsFields, "ca" | "clientCertificate" | "clientKey"> {
  readonly sslmode?: SslMode | undefined;
}

/**
 * What is demanded, whichever way it was said.
 * @param inUrl the parameter `sslmode` of an address. Node-postgres knows `no-verify` besides the words of libpq
 * @returns undefined when the address has a word that is unknown, or that cannot be honoured
 */
export function resolveSslMode({ sslmode, ca }: NegotiatedTls, inUrl: string | undefined): SslMode | undefined {
  if (sslmode !== undefined) return sslmode;
  if (inUrl === undefined) return ca === undefined ? "prefer" : "verify-full";
  return inUrl === "no-verify" && ca === undefined ? "require" : sslModes.find((mode) => mode === inUrl);
}

/** What is wrong with the values together, as a sentence; undefined when nothing is. */
export function sslModeIssue(fields: NegotiatedTls, inUrl: string | undefined): string | undefined {
  const mode = resolveSslMode(fields, inUrl);
  if (fields.sslmode !== undefined && inUrl !== undefined) return "give sslmode either in url or as sslmode";
  if (inUrl === "no-verify" && fields.ca !== undefined) return "no-verify in url and ca contradict each other";
  if (mode === undefined) return `sslmode in url must be one of ${sslModes.join(", ")} or no-verify`;
  if (mode === "disable" && (fields.ca ?? fields.clientCertificate) !== undefined) {
    return "certificates need TLS: sslmode must not be disable";
  }
  if (mode !== "verify-ca" || fields.ca !== undefined) return undefined;
  return "verify-ca needs ca: anyone can get a certificate of a well-known authority";
}

/** Options for `tls.connect` and clients that hand theirs on to it; undefined when TLS is not asked for. */
export function negotiatedTls(
  mode: SslMode,
  { ca, clientCertificate, clientKey }: NegotiatedTls,
): ConnectionOptions | undefined {
  if (mode === "disable") return undefined;
  // libpq: require is verify-ca when there is an authority to verify with.
  const verifyCertificate = mode.startsWith("verify-") || (mode === "require" && ca !== undefined);
  const options = tlsOptions({ ca, clientCertificate, clientKey, verifyCertificate });
  return mode === "verify-full" ? options : { ...options, checkServerIdentity: () => undefined };
}
