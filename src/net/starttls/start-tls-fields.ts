import { z } from "zod";
import { secret } from "../../health/fields.ts";
import type { Secret } from "../../health/secret.ts";
import { type TlsFields, tlsFields, tlsIssue } from "../tls-options.ts";

/** How TLS comes about with a server that can begin in the open. */
export type TlsDemand = "optional" | "starttls" | boolean;

/** Settings of every check of a protocol that can turn to TLS in the middle. */
export const startTlsFields = {
  tls: z
    .union([z.enum(["optional", "starttls"]), z.boolean()], "must be optional, starttls, true or false")
    .default("optional")
    .describe(
      "optional: TLS when the server offers it, and no password without. starttls: the server must offer it. true: TLS from the first byte. false: no TLS, and the password is sent in the open.",
    ),
  ...tlsFields,
};

/** A command is one line: what follows would be another. */
const line = z.string().regex(/^[^\r\n\0]+$/, "must be one line");

/** The settings by which a check of such a protocol logs in. */
export const lineLoginFields = {
  username: line.optional().describe("The user to log in as."),
  password: secret(line).optional().describe("The password to log in with."),
};

/** The values of {@link startTlsFields} and {@link lineLoginFields}. */
export interface StartTlsFields extends TlsFields {
  readonly tls: TlsDemand;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
}

/** What is wrong with the values together, for `validate` of a check; undefined when nothing is. */
export function startTlsIssue(values: StartTlsFields): string | undefined {
  const needy = (["ca", "clientCertificate", "clientKey", "minCertificateDays"] as const).find(
    (name) => values[name] !== undefined,
  );
  if (needy !== undefined && values.tls === false) return `${needy} needs TLS: tls must not be false`;
  return tlsIssue(values);
}

/** The same for a protocol in which nobody is logged in without a password. */
export function lineLoginIssue(values: StartTlsFields): string | undefined {
  if ((values.username === undefined) !== (values.password === undefined)) {
    return "username and password must be given together";
  }
  return startTlsIssue(values);
}
