import type { Offer } from "./format.ts";

/** One member of an `Accept` header. */
export interface MediaRange {
  /** `text`, or `*`; in lower case, like everything here. */
  readonly type: string;
  /** `plain`, or `*`. */
  readonly subtype: string;
  /** The parameters of the media type, without the weight. */
  readonly parameters: ReadonlyMap<string, string>;
  /** From 0 (not acceptable) to 1. */
  readonly quality: number;
}

/** Parameters that describe the encoding rather than the media type; they are ignored when matching. */
const ignoredParameters = new Set(["charset", "escaping"]);

/** The characters of a token in lower case (RFC 9110, section 5.6.2). */
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** A weight (RFC 9110, section 12.4.2), but with any number of digits, and none required on either side of the point. */
const weight = /^(?:0?\.\d+|0\.?|1(?:\.0*)?)$/;

/** How specifically a range matches an offer: -1 not at all, 0 any type, 1 its type, 2 its subtype, more with parameters. */
export function specificity({ mediaType, parameters = {} }: Offer, range: MediaRange): number {
  if (range.type === "*") return range.parameters.size === 0 ? 0 : -1;
  const slash = mediaType.indexOf("/");
  if (range.type !== mediaType.slice(0, slash)) return -1;
  if (range.subtype === "*") return range.parameters.size === 0 ? 1 : -1;
  if (range.subtype !== mediaType.slice(slash + 1)) return -1;
  for (const [name, value] of range.parameters) {
    if (parameters[name] !== value) return -1;
  }
  return 2 + range.parameters.size;
}

/** Parses the well-formed members of an `Accept` header, in time linear in its length. */
export function parseAccept(header: string): readonly MediaRange[] {
  return splitOutsideQuotes(header.toLowerCase(), ",").flatMap((member) => parseRange(member) ?? []);
}

function parseRange(member: string): MediaRange | undefined {
  const [essence = "", ...rest] = splitOutsideQuotes(member, ";");
  const name = essence.trim();
  const [type = "", subtype = "", extra] = name === "*" ? ["*", "*"] : name.split("/");
  if (extra !== undefined || !token.test(type) || !token.test(subtype) || (type === "*" && subtype !== "*")) {
    return undefined;
  }
  const parameters = new Map<string, string>();
  let quality: number | undefined;
  for (const parameter of rest) {
    if (parameter.trim() === "") continue;
    const equals = parameter.indexOf("=");
    const key = parameter.slice(0, Math.max(0, equals)).trim();
    const value = parameterValue(parameter.slice(equals + 1).trim());
    if (value === undefined || !token.test(key)) return undefined;
    if (key === "q") {
      if (quality !== undefined || !weight.test(value)) return undefined;
      quality = Number(value);
    } else if (!ignoredParameters.has(key)) {
      parameters.set(key, value);
    }
  }
  return { type, subtype, parameters, quality: quality ?? 1 };
}

/** A token, or the content of a quoted string (RFC 9110, section 5.6.4); undefined for anything else. */
function parameterValue(written: string): string | undefined {
  if (!written.startsWith('"')) return token.test(written) ? written : undefined;
  return /^"(?:[^"\\]|\\.)*"$/s.test(written) ? written.slice(1, -1).replaceAll(/\\(.)/gs, "$1") : undefined;
}

function splitOutsideQuotes(text: string, separator: string): readonly string[] {
  if (!text.includes('"')) return text.split(separator);
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === "\\" && quoted) {
      index += 1;
    } else if (character === '"') {
      quoted = !quoted;
    } else if (character === separator && !quoted) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}
