import { createSecureContext, type SecureContext } from "node:tls";
import { z } from "zod";
import { duration } from "../../health/fields.ts";
import type { ConnectionUrl } from "../../health/secret.ts";
import type { Target } from "../../health/target.ts";
import { networkFields } from "../../net/network-fields.ts";
import { tlsFields, tlsOptions } from "../../net/tls-options.ts";
import type { PagePlace } from "./fetch-page.ts";

const { ca, verifyCertificate } = tlsFields;

/** Settings of every check that reads a page of somebody else. */
export const pageFields = { ca, verifyCertificate, ...networkFields };

/** How long an entry of a feed is taken for an incident. */
export const maxEntryAge = duration()
  .refine(({ milliseconds }) => milliseconds > 0, "must be longer than 0s")
  .prefault("8h");

/** A text, or a list of them. A field of it yields the list. */
export function oneOrMore() {
  const message = "must be a text, or a list of texts";
  const text = z.string().regex(/^[^\p{C}]*[^\p{C}\s][^\p{C}]*$/u, "must be a printable text");
  return z
    .union([text, z.array(text).min(1, message)], message)
    .transform((value): readonly string[] => (typeof value === "string" ? [value] : value));
}

/** The values of {@link pageFields}. */
interface PageFields {
  readonly ca?: string | undefined;
  readonly verifyCertificate: boolean;
  readonly family?: 4 | 6 | undefined;
}

/** Where a page is, for a check with {@link pageFields}. */
export function placeOf(url: ConnectionUrl, fields: PageFields): PagePlace {
  let context: SecureContext | undefined;
  const secureContext = (): SecureContext => {
    context ??= createSecureContext(tlsOptions(fields));
    return context;
  };
  const { ca: authorities, verifyCertificate: isVerified, family } = fields;
  return { url, family, ca: authorities, verifyCertificate: isVerified, secureContext };
}

/** What a check talks to that asks for a page. */
export function pageTarget(url: ConnectionUrl): Target {
  const port = url.port ?? (url.protocol === "https:" ? 443 : 80);
  return { address: url.hostname, port, url: String(url), method: "GET" };
}
