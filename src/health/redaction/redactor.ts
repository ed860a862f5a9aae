import { ConnectionUrl, redacted, Secret } from "../secret.ts";
import { spellingsOf, tellingParts } from "./spellings.ts";

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/**
 * Makes a function that replaces every secret found in `values` (at any depth) by `[redacted]`, however it is spelt. The last
 * defence for texts that come from elsewhere: a driver's error message, an answer that repeats the request.
 */
export function redactor(values: unknown): Redact {
  const secrets = [...new Set(secretsIn(values).flatMap(tellingParts))];
  if (secrets.length === 0) return (text) => text;
  return (text) => {
    // Only when it may be there, so that nobody waits for the many spellings of a body of megabytes.
    const possible = secrets.filter(({ length }) => length <= Math.max(text.length, minComparedCharacters));
    return withoutAll(text, possible.flatMap(spellingsOf));
  };
}

/** A spelling may be shorter than the secret itself, as that of an address is, but only a little. */
const minComparedCharacters = 1000;

/** Replaces whatever belongs to a needle. Needles that overlap in the text, or touch, become one gap. */
function withoutAll(text: string, needles: readonly string[]): string {
  const found = needles.flatMap((needle) => occurrences(text, needle)).sort((one, other) => one.from - other.from);
  let rest = "";
  let end = 0;
  for (const { from, to } of found) {
    if (from > end || end === 0) rest += `${text.slice(end, from)}${redacted}`;
    end = Math.max(end, to);
  }
  return rest + text.slice(end);
}

function occurrences(text: string, needle: string): readonly { readonly from: number; readonly to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (let from = text.indexOf(needle); from >= 0; from = text.indexOf(needle, from + needle.length)) {
    found.push({ from, to: from + needle.length });
  }
  return found;
}

/** Every secret in a value, at any depth. */
export function secretsIn(value: unknown): readonly string[] {
  if (value instanceof Secret) return [value.reveal()];
  if (value instanceof ConnectionUrl) return value.secrets;
  if (Array.isArray(value)) return value.flatMap(secretsIn);
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.values(value).flatMap(secretsIn);
  }
  return [];
}
