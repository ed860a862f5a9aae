import { z } from "zod";
import { addressIssue, ConnectionUrl, Secret } from "./secret.ts";
import { Duration } from "./time/duration.ts";

// `title` and `writeOnly` go with the schema into the reference and the JSON Schema: they say what kind of value it is,
// and that a message about a wrong one must not repeat it. That nothing prints a secret does not depend on them.

/** A text that is never printed. A field of it yields a {@link Secret}. */
export function secret(schema: z.ZodType<string, string> = z.string()) {
  return schema.meta({ title: "secret", writeOnly: true }).transform((value) => new Secret(value));
}

/**
 * The address of a service with one of the given protocols (`redis`, `https`), without the colon. A field of it
 * yields a {@link ConnectionUrl}, which prints without credentials.
 */
export function connectionUrl(...protocols: readonly [string, ...string[]]) {
  const message = `must be an address that starts with ${protocols.map((protocol) => `${protocol}://`).join(" or ")}`;
  const text = z.string(message).meta({ title: "address", writeOnly: true });
  return text.transform((value, context) => {
    const url = URL.canParse(value) ? new ConnectionUrl(value) : undefined;
    const misread = misreadIssue(value);
    const isKnown = url !== undefined && protocols.includes(url.protocol.slice(0, -1)) && url.hostname !== "";
    if (isKnown && misread === undefined) return url;
    const several = severalHosts.test(value) ? "must name one host: make a check of each" : undefined;
    const issue = misread ?? several ?? message;
    // The value is not repeated, it may hold a password.
    context.issues.push({ code: "custom", message: issue, input: "[redacted]" });
    return z.NEVER;
  });
}

/** What {@link addressIssue} says of the value of an option, and what to give instead. */
export function misreadIssue(address: string): string | undefined {
  const issue = addressIssue(address);
  return issue && `${issue}, or give these by options of their own, such as username and password`;
}

/** `a:1,b:2` after the user information, which is no URL, though some client libraries take it for one. */
const severalHosts = /^[a-z]+:\/\/(?:[^@/]*@)?[^/?#@]*,/;

/** A length of time with its unit: `15s`, `1m30s`, `500ms`. A field of it yields a {@link Duration}. */
export function duration() {
  const message = "must be a length of time with its unit, such as 15s, 1m30s or 500ms";
  return z
    .string(message)
    .meta({ title: "duration" })
    .transform((value, context) => {
      const parsed = Duration.parse(value);
      if (parsed !== undefined) return parsed;
      context.issues.push({ code: "custom", message, input: value });
      return z.NEVER;
    });
}

/** A share from 0 to 100: `90%`, `90` or `"90"`. A field of it yields the number. */
export function percent() {
  const message = "must be a share from 0 % to 100 %, such as 90%";
  return z
    .union([z.number(), z.string()], message)
    .meta({ title: "percentage" })
    .transform((value, context) => {
      const number = typeof value === "number" ? value : Number(/^(\d+(?:\.\d+)?)\s*%?$/.exec(value)?.[1]);
      if (number >= 0 && number <= 100) return number;
      context.issues.push({ code: "custom", message, input: value });
      return z.NEVER;
    });
}

const byteUnits = {
  B: 1,
  kB: 1e3,
  KiB: 1024,
  MB: 1e6,
  MiB: 1024 ** 2,
  GB: 1e9,
  GiB: 1024 ** 3,
  TB: 1e12,
  TiB: 1024 ** 4,
};

/** An amount of memory or storage: `512MiB`, `2GB`, or a plain number of bytes. A field of it yields the number of bytes. */
export function byteSize() {
  const message = "must be an amount of bytes, such as 512MiB or 2GB";
  return z
    .union([z.number(), z.string()], message)
    .meta({ title: "byte size" })
    .transform((value, context) => {
      const match = /^(?<count>\d+(?:\.\d+)?)\s*(?<unit>[kmgt]?i?b)$/i.exec(String(value))?.groups;
      const factor = Object.entries(byteUnits).find(([unit]) => unit.toLowerCase() === match?.unit?.toLowerCase())?.[1];
      const bytes = typeof value === "number" ? value : Number(match?.count) * (factor ?? Number.NaN);
      if (bytes >= 0 && Number.isFinite(bytes)) return bytes;
      context.issues.push({ code: "custom", message, input: value });
      return z.NEVER;
    });
}

/** A list with at least one text, or one text alone. A field of it yields the list. */
export function oneOrMore(text: z.ZodType<string, string>) {
  return z.union([text, z.array(text).min(1)], { error: issueOfKind }).transform((value) => {
    return typeof value === "string" ? [value] : value;
  });
}

/** What is wrong with a text as a text, and with a list as a list. */
function issueOfKind({ input, errors }: { readonly input?: unknown; readonly errors?: unknown }): string | undefined {
  const [ofText, ofList] = errors as readonly (readonly { readonly message: string }[])[]; // As those of a union are.
  return (Array.isArray(input) ? ofList : ofText)?.[0]?.message;
}

/**
 * An object that only code can give, such as a client or a pool. A field of it yields a function that gives it out: nothing looks
 * into it for secrets, or prints it.
 * @param title what it is, such as `store`
 * @param fits what it must have
 */
export function codeObject<Given>(title: string, fits: (value: unknown) => boolean, message: string) {
  return z
    .custom<Given>(fits, message)
    .meta({ title })
    .transform((value) => () => value);
}

/** A group as a configuration names it. */
export const groupName = z.union(
  [z.string().min(1), z.array(z.string().min(1)).min(1)],
  "must be the name of a group, or a list of names from the outermost group",
);
