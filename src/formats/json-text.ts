/** What JSON allows and a terminal or a careless reader does not: these are written as escapes, which mean the same. */
const risky = /[\u007F-\u009F\p{Zl}\p{Zp}\p{Bidi_Control}\uFFFE\uFFFF]/gu;

/** A value as JSON without any raw control character. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    risky,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A value as one line of JSON without any raw control character. */
export function jsonText(value: unknown): string {
  return `${jsonOf(value)}\n`;
}
