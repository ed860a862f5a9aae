/** Characters that JSON allows but that can harm terminals and careless readers; they are written as equivalent escapes. */
const unsafe = /[\u007F-\u009F\p{Zl}\p{Zp}\p{Bidi_Control}\uFFFE\uFFFF]/gu;

/** A value as JSON without any raw control character. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A value as one line of JSON without any raw control character. */
export function jsonText(value: unknown): string {
  return `${jsonOf(value)}\n`;
}
