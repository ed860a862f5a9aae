import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { z } from "zod";
import { ServiceWarning } from "../health/errors.ts";
import { secret } from "../health/fields.ts";
import type { Measures } from "../health/measure.ts";
import type { Secret } from "../health/secret.ts";
import { type ChainEnd, chainEnd } from "./certificates/chain-end.ts";

const pemHint = `in a configuration, \${file:PATH} inserts a file`;

/** Settings of every check that can speak TLS. {@link tlsOptions} turns them into what Node.js takes. */
export const tlsFields = {
  ca: z
    .string()
    .refine(isCertificate, `must be certificates in PEM form (${pemHint})`)
    .optional()
    .describe(
      "The authorities to trust instead of the well-known ones, as certificates in PEM form: roots, or those that issue the server's certificate.",
    ),
  clientCertificate: z
    .string()
    .refine(isCertificate, `must be certificates in PEM form (${pemHint})`)
    .optional()
    .describe("The certificate, in PEM form, by which the check makes itself known to the server."),
  clientKey: secret(z.string().regex(/-----BEGIN [A-Z ]*PRIVATE KEY-----/, `must be a key in PEM form (${pemHint})`))
    .optional()
    .describe("The private key of clientCertificate, in PEM form, without a passphrase."),
  verifyCertificate: z
    .boolean()
    .default(true)
    .describe("Whether the server's certificate must be trusted, current and for the right name."),
  minCertificateDays: z
    .number()
    .min(0)
    .optional()
    .describe("Warns when the server's certificate, or that of an issuer of it, is not valid for as many more days."),
};

/** The values of {@link tlsFields}. */
export interface TlsFields {
  readonly ca?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: Secret | undefined;
  readonly verifyCertificate: boolean;
  readonly minCertificateDays?: number | undefined;
}

/** What is wrong with the values together, for `validate` of a check; undefined when nothing is. */
export function tlsIssue({ clientCertificate, clientKey }: TlsFields): string | undefined {
  if (clientCertificate === undefined && clientKey === undefined) return undefined;
  if (clientCertificate === undefined || clientKey === undefined) {
    return "clientCertificate and clientKey must be given together";
  }
  try {
    createSecureContext({ cert: clientCertificate, key: clientKey.reveal() });
    return undefined;
  } catch {
    // The error of OpenSSL is a riddle, and may quote the key.
    return "clientKey must be the key of clientCertificate, without a passphrase";
  }
}

/** Options for `tls.connect`, `https.Agent` and clients that hand theirs on to those. */
export function tlsOptions({
  ca,
  clientCertificate,
  clientKey,
  verifyCertificate,
}: TlsFields): SecureContextOptions & { readonly rejectUnauthorized: boolean } {
  return {
    rejectUnauthorized: verifyCertificate,
    // An issuing authority is trusted without the root above it.
    ...(ca !== undefined && { ca, allowPartialTrustChain: true }),
    ...(clientCertificate !== undefined && { cert: clientCertificate }),
    ...(clientKey !== undefined && { key: clientKey.reveal() }),
  };
}

/** What a check that sees certificates measures. */
export const certificateMeasures = {
  certificateDays: {
    unit: "d",
    description: "How long the server's certificate is still valid; of it and its issuers', the first to expire.",
  },
} as const satisfies Measures;

const dayMilliseconds = 86_400_000;

/**
 * How many days there are until a moment, in milliseconds since the epoch; fewer than 0 for one that is past.
 * @param now milliseconds since the epoch
 */
export function daysUntil(moment: number, now: number = Date.now()): number {
  return (moment - now) / dayMilliseconds;
}

/**
 * Warns of a certificate that expires soon.
 * @param end of the chain by which it is verified; undefined when there is none
 * @param now milliseconds since the epoch
 * @throws ServiceWarning with the reason `certificate`
 */
export function warnOfExpiry(
  end: ChainEnd | undefined,
  { minCertificateDays }: Pick<TlsFields, "minCertificateDays">,
  now: number = Date.now(),
): void {
  if (end === undefined || minCertificateDays === undefined) return;
  const days = daysUntil(end.at, now);
  if (days >= minCertificateDays) return;
  const which = end.ofIssuer ? "the certificate of its issuer" : "certificate";
  const message = days < 0 ? `${which} has expired` : `${which} expires in ${days.toFixed(1)} days`;
  throw new ServiceWarning(message, { reason: "certificate" });
}

/** Which of the servers' certificates can first no longer be verified; undefined when there is none. */
export function earliestEnd(
  certificates: readonly (X509Certificate | undefined)[],
  { ca }: Pick<TlsFields, "ca">,
): ChainEnd | undefined {
  const ends = certificates.flatMap((certificate) => (certificate === undefined ? [] : chainEnd(certificate, ca)));
  return ends.toSorted((one, other) => one.at - other.at)[0];
}

function isCertificate(text: string): boolean {
  try {
    new X509Certificate(text);
    return true;
  } catch {
    return false;
  }
}
