import type { Format, Offer } from "./format.ts";

/** A format and the media type in which it is wanted. */
export interface Choice {
  readonly format: Format;
  readonly offer: Offer;
}

interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** Parameters that say how something is written, not what it is: they do not keep a range from matching. */
const ignoredParameters = new Set(["charset", "escaping"]);

/**
 * Chooses a format as RFC 9110, section 12.5.1, says: of the ranges that match an offer the most specific one gives its
 * quality, the offer of the highest quality wins, and the earlier format among equals. More lenient than the RFC with
 * what is out there: `q` may stand anywhere among the parameters and be written `.5`, a lone `*` is any type, a
 * malformed member is ignored, and a header without any well-formed member is as good as none.
 * @param accept the header's value; undefined when there is none
 * @returns undefined when nothing that is offered is acceptable
 */
export function negotiate(formats: readonly Format[], accept: string | undefined): Choice | undefined {
  const ranges = parseAccept(accept ?? "");
  let best: Choice | undefined;
  let bestQuality = 0;
  for (const format of formats) {
    for (const offer of format.offers) {
      const quality = ranges.length === 0 ? 1 : qualityOf(offer, ranges);
      if (quality > bestQuality) {
        best = { format, offer };
        bestQuality = quality;
      }
    }
  }
  return best;
}

function qualityOf(offer: Offer, ranges: readonly MediaRange[]): number {
  let quality = 0;
  let mostSpecific = -1;
  for (const range of ranges) {
    const specificity = specificityFor(offer, range);
    if (specificity > mostSpecific) {
      mostSpecific = specificity;
      quality = range.quality;
    }
  }
  return quality;
}

/** How closely a range describes an offer: -1 not at all, 0 any type, 1 its type, 2 its subtype, more with parameters. */
function specificityFor({ mediaType, parameters = {} }: Offer, range: MediaRange): number {
  if (range.type === "*") return range.parameters.size === 0 ? 0 : -1;
  const [type, subtype] = mediaType.split("/");
  if (range.type !== type) return -1;
  if (range.subtype === "*") return 1;
  if (range.subtype !== subtype) return -1;
  for (const [name, value] of range.parameters) {
    if (parameters[name] !== value) return -1;
  }
  return 2 + range.parameters.size;
}

const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** Splits the header into the ranges that are well-formed. */
function parseAccept(header: string): readonly MediaRange[] {
  const ranges: MediaRange[] = [];
  for (const member of splitOutsideQuotes(header, ",")) {
    const range = parseRange(member);
    if (range !== undefined) ranges.push(range);
  }
  return ranges;
}

function parseRange(member: string): MediaRange | undefined {
  const [essence = "", ...rest] = splitOutsideQuotes(member, ";");
  const name = essence.trim().toLowerCase();
  const [type = "", subtype = "", extra] = name === "*" ? ["*", "*"] : name.split("/");
  if (extra !== undefined || !token.test(type) || !token.test(subtype) || (type === "*" && subtype !== "*"))
    return undefined;
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const parameter of rest) {
    if (parameter.trim() === "") continue;
    const [, key, value] = /^\s*([^\s=]+)\s*=\s*(.*?)\s*$/.exec(parameter) ?? [];
    if (key === undefined || value === undefined) return undefined;
    if (key.toLowerCase() === "q") {
      if (!/^(?:0?\.\d*|0|1(?:\.0*)?)$/.test(value) || value === ".") return undefined;
      quality = Number(value);
    } else if (!ignoredParameters.has(key.toLowerCase())) {
      parameters.set(key.toLowerCase(), value.replace(/^"(.*)"$/, "$1").toLowerCase());
    }
  }
  return { type, subtype, parameters, quality };
}

function splitOutsideQuotes(text: string, separator: string): readonly string[] {
  if (!text.includes('"')) return text.split(separator);
  const parts: string[] = [];
  let part = "";
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] as string;
    if (character === "\\" && quoted) {
      part += character + (text[index + 1] ?? "");
      index += 1;
    } else if (character === separator && !quoted) {
      parts.push(part);
      part = "";
    } else {
      if (character === '"') quoted = !quoted;
      part += character;
    }
  }
  return [...parts, part];
}
