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
