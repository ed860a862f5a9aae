/**
 * Characters that have no place in a document: control characters, line and paragraph separators, marks that change the
 * direction of text, lone surrogates, and U+FFFE and U+FFFF, which XML does not allow.
 */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}\uFFFE\uFFFF]/gu;

/**
 * Makes text fit on one line of any document: each {@link unprintable} character becomes the replacement character. The
 * engine does so for messages; this covers names and titles set by programs that embed Healthspan.
 */
export function printable(text: string): string {
  return text.replaceAll(unprintable, "\uFFFD");
}

const shortEscapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Makes text safe to print on a terminal, where control characters could move the cursor, change the title or hide text:
 * each {@link unprintable} character is written as an escape, such as `\u001b`.
 */
export function escapeUnprintable(text: string): string {
  return text.replaceAll(unprintable, (character) => {
    return shortEscapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
