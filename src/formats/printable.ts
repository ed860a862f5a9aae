/**
 * What no document may hold and no reader wants: control characters, separators of lines and paragraphs, marks that
 * turn the direction of the text around them, lone surrogates, and U+FFFE and U+FFFF, which XML does not allow.
 */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}\uFFFE\uFFFF]/gu;

/**
 * A text that stands on one line of any document: each character of {@link unprintable} becomes the replacement
 * character. The engine lets none of them into a message; what a program that embeds Healthspan makes up is cleaned here.
 */
export function printable(text: string): string {
  return text.replaceAll(unprintable, "\uFFFD");
}
