import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { z } from "zod";
import { Secret } from "../../health/secret.ts";
import type { ServerTls } from "../../server/server-tls.ts";
import type { ConfigurationIssue } from "../configuration-error.ts";
import { UnreadableFileError } from "../read/read-text-file.ts";
import type { Source } from "../read/source.ts";
import type { fileSchema } from "../schema/file-schema.ts";

/** Reads a file that the configuration names. It throws an UnreadableFileError. */
export type ReadNamedFile = (path: string) => string;

/** What the server makes itself known by, or the issues with its files. */
export interface MadeTls {
  readonly tls: ServerTls | undefined;
  readonly issues: readonly ConfigurationIssue[];
}

/** Reads the files of `server.tls`. No message repeats what is in them, nor OpenSSL's words. */
export function makeTls(
  source: Source,
  options: z.output<typeof fileSchema>["server"]["tls"],
  readFile: ReadNamedFile,
): MadeTls {
  if (options === undefined) return { tls: undefined, issues: [] };
  const issues: ConfigurationIssue[] = [];
  const refuse = (option: string, message: string): undefined => {
    issues.push(source.issue(["server", "tls", option], message));
  };
  const read = <Parsed>(option: "certificate" | "key" | "clientCa", parse: (text: string) => Parsed, what: string) => {
    const path = options[option];
    if (path === undefined) return undefined;
    let text: string;
    try {
      text = readFile(path);
    } catch (error) {
      if (!(error instanceof UnreadableFileError)) throw error;
      return refuse(option, `the file ${path} ${error.message}`);
    }
    try {
      return { path, text, parsed: parse(text) };
    } catch {
      return refuse(option, `the file ${path} has no ${what} in PEM form`);
    }
  };
  const certificate = read("certificate", (text) => new X509Certificate(text), "certificate");
  const key = read("key", (text): KeyObject => createPrivateKey(text), "private key without a passphrase");
  const clientCa = read("clientCa", (text) => new X509Certificate(text), "certificate");
  if (certificate !== undefined && key !== undefined && !certificate.parsed.checkPrivateKey(key.parsed)) {
    refuse("key", `the file ${key.path} has another key than that of the certificate in ${certificate.path}`);
  }
  if (certificate === undefined || key === undefined || issues.length > 0) return { tls: undefined, issues };
  const { minVersion } = options;
  const tls = { certificate: certificate.text, key: new Secret(key.text), clientCa: clientCa?.text, minVersion };
  try {
    // Loaded only where TLS is served.
    process
      .getBuiltinModule("node:tls")
      .createSecureContext({ cert: tls.certificate, key: key.text, ca: tls.clientCa });
  } catch {
    refuse("certificate", `the file ${certificate.path} has a certificate that cannot be used for TLS`);
  }
  return { tls, issues };
}
