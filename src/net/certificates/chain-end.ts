import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";

/** When a server's certificate can no longer be verified, and because of which certificate. */
export interface ChainEnd {
  /** In milliseconds since the epoch. */
  readonly at: number;
  /** Whether that is the end of an issuer's certificate and not of the server's own. */
  readonly ofIssuer: boolean;
}

/** A chain that is longer than that leads nowhere. */
const maxLength = 10;

/**
 * When the first of the certificates ends by which a server's is verified: its own, or one of an issuer.
 * @param certificate what `tlsSocket.getPeerX509Certificate()` gives; it leads to what the server has sent along
 * @param ca the authorities that are trusted, in PEM form. Default: the well-known ones
 */
export function chainEnd(certificate: X509Certificate, ca?: string): ChainEnd {
  let end: ChainEnd = { at: certificate.validToDate.getTime(), ofIssuer: false };
  const take = (issuer: X509Certificate): void => {
    const at = issuer.validToDate.getTime();
    if (at < end.at) end = { at, ofIssuer: true };
  };
  let current = certificate;
  for (let length = 1; length < maxLength; length += 1) {
    const sent = current.issuerCertificate;
    // What a server sends beyond what is trusted, such as a root's cross-signature that has expired, is not needed.
    const trusted = ca !== undefined || endsBefore(sent, end) ? trustedIssuer(current, ca) : undefined;
    const issuer = trusted ?? sent;
    if (issuer === undefined || issuer.fingerprint256 === current.fingerprint256) return end;
    take(issuer);
    if (trusted !== undefined) return end;
    current = issuer;
  }
  return end;
}

function endsBefore(certificate: X509Certificate | undefined, { at }: ChainEnd): boolean {
  return certificate !== undefined && certificate.validToDate.getTime() < at;
}

/** The authority that is trusted and has issued a certificate; of several, the one that is valid for longest. */
function trustedIssuer(certificate: X509Certificate, ca: string | undefined): X509Certificate | undefined {
  const issuers = authorities(ca).filter(
    (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
  );
  return issuers.toSorted((one, other) => other.validToDate.getTime() - one.validToDate.getTime())[0];
}

/** Those read last, which takes a while: most checks trust the same. */
let read: { readonly ca: string | undefined; readonly certificates: readonly X509Certificate[] } | undefined;

function authorities(ca: string | undefined): readonly X509Certificate[] {
  if (read === undefined || read.ca !== ca) {
    const texts =
      ca === undefined ? rootCertificates : (ca.match(/-----BEGIN [\s\S]+?-----END [A-Z0-9 ]+-----/g) ?? []);
    read = { ca, certificates: texts.map((text) => new X509Certificate(text)) };
  }
  return read.certificates;
}
