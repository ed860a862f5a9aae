import { z } from "zod";
import { fieldValue, token } from "../clients/http/field-syntax.ts";
import { duration, secret } from "../health/fields.ts";
import { Secret } from "../health/secret.ts";
import type { Duration } from "../health/time/duration.ts";
import { tlsFields, tlsIssue } from "../net/tls-options.ts";
import { type NoticeEvent, noticeEvents } from "./notice.ts";

/** What every channel can be given besides its `type` and its own options. */
export const commonChannelFields = {
  on: z
    .array(z.enum(noticeEvents))
    .min(1)
    .default(["unhealthy", "degraded", "recovered"])
    .describe("Of which changes it is told: `unhealthy`, `degraded`, `unknown`, `recovered`."),
  after: duration()
    .refine((value) => value.milliseconds <= 86_400_000, "must be at most 1d")
    .prefault("0s")
    .describe("How long a check must fail before it is told; a check that is well again by then is not mentioned."),
  repeat: duration()
    .refine((value) => value.milliseconds >= 60_000, "must be at least 1m")
    .refine((value) => value.milliseconds <= 30 * 86_400_000, "must be at most 30d")
    .optional()
    .describe("How often it is told again of a check that still fails. Default: never."),
  groups: z
    .array(z.string())
    .min(1)
    .optional()
    .describe("Only checks in one of these groups, or in a group within it, are told. Default: all that name it."),
  timeout: duration()
    .refine((value) => value.milliseconds >= 100, "must be at least 100ms")
    .refine((value) => value.milliseconds <= 60_000, "must be at most 1m")
    .prefault("10s")
    .describe("How long the service may take to answer."),
};

const { ca, clientCertificate, clientKey, verifyCertificate } = tlsFields;

/** Settings of every channel that speaks TLS. */
export const channelTlsFields = {
  ca,
  clientCertificate: clientCertificate.describe(
    "The certificate, in PEM form, by which Healthspan makes itself known to the service.",
  ),
  clientKey,
  verifyCertificate,
};

/** The values of {@link commonChannelFields} and {@link channelTlsFields}. */
export interface ChannelOptions {
  readonly on: readonly NoticeEvent[];
  readonly after: Duration;
  readonly repeat?: Duration | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly timeout: Duration;
  readonly ca?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: Secret | undefined;
  readonly verifyCertificate: boolean;
}

const addressMessage = "must be an address that starts with http:// or https://";

/** An address whose path may be a secret, as that of a webhook: it is never printed. A field of it yields a Secret. */
export function webAddress() {
  return secret(
    z
      .string()
      .regex(/^https?:\/\/[^\s\p{C}]+$/u, { error: addressMessage, abort: true })
      .refine((text) => URL.canParse(text), { error: addressMessage, abort: true })
      .refine((text) => !/[@#]/.test(text), "must not contain @ or #: give credentials by other options")
      .meta({ title: "address", writeOnly: true }),
  );
}

/** The address of a server, to which a path is added. */
export function serverAddress() {
  return webAddress().refine((value) => new URL(value.reveal()).search === "", "nothing may follow a ? in the address");
}

/** A token that is sent in a header. */
export const headerSecret = () =>
  secret(z.string().min(1, "must not be empty").regex(fieldValue, "must be printable and without line breaks"));

/** Headers of a request. */
export const headerFields = z
  .record(z.string().regex(token, "is not the name of a header"), headerSecret())
  .prefault({})
  .describe("Headers of the request, by name. Their values are never shown.");

/** What is wrong with the options for TLS together. */
export function checkTls(values: unknown, context: z.core.$RefinementCtx): void {
  const issue = tlsIssue(values as ChannelOptions); // The fields are those of every channel.
  if (issue !== undefined) context.addIssue({ code: "custom", message: issue, path: [], input: values });
}

/** A shorter part of an address is a word like any other. */
const minTellingCharacters = 6;

/** What in an address may be a secret: it, its path, the segments of its path, and the values in its query. */
export function partsOfAddress(address: Secret): readonly Secret[] {
  const { href, pathname, search, searchParams } = new URL(address.reveal());
  const segments = pathname.split("/").filter(({ length }) => length >= minTellingCharacters);
  const values = [...searchParams.values()].filter(({ length }) => length >= minTellingCharacters);
  const whole = pathname.length > 1 || search !== "" ? [href, `${pathname}${search}`, pathname] : [];
  return [...whole, ...segments, ...values].filter(({ length }) => length > 1).map((text) => new Secret(text));
}

/** Adds a path to the address of a server, which may have a path of its own. */
export function addressBelow(server: Secret, path: string): string {
  return `${server.reveal().replace(/\/+$/, "")}${path}`;
}
