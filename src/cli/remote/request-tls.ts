import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { CommandError } from "../output/command-error.ts";

/** The options of a command that asks a server over TLS: files in PEM form. */
export interface TlsArguments {
  /** The authorities to trust instead of the well-known ones. */
  readonly ca?: string;
  /** The client's own certificate, and its key. */
  readonly cert?: string;
  readonly key?: string;
  /** Whether the server's certificate is taken unseen. */
  readonly insecure?: boolean;
}

/** What Node.js takes. */
export type RequestTls = SecureContextOptions & { readonly rejectUnauthorized?: boolean };

/** @throws CommandError that says which file is wrong and why */
export function readRequestTls({ ca, cert, key, insecure }: TlsArguments): RequestTls {
  if ((cert === undefined) !== (key === undefined)) throw new CommandError("--cert and --key must be given together");
  const tls = {
    ...(ca !== undefined && { ca: read("--ca", ca) }),
    ...(cert !== undefined && { cert: read("--cert", cert) }),
    ...(key !== undefined && { key: read("--key", key) }),
  };
  insist("--ca", "a certificate", () => tls.ca !== undefined && new X509Certificate(tls.ca));
  insist("--cert", "a certificate", () => tls.cert !== undefined && new X509Certificate(tls.cert));
  insist("--key", "the key of --cert, without a passphrase,", () => createSecureContext(tls));
  return { ...tls, ...(insecure === true && { rejectUnauthorized: false }) };
}

/** The error of OpenSSL is a riddle, and may quote the key. */
function insist(option: string, what: string, parse: () => unknown): void {
  try {
    parse();
  } catch {
    throw new CommandError(`${option}: the file must hold ${what} in PEM form`);
  }
}

function read(option: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException; // The file system throws nothing else.
    throw new CommandError(`${option}: the file ${file} cannot be read (${code})`);
  }
}
