/** What feeds say of an incident that is over. */
export const closingWords: readonly string[] = ["resolved", "completed", "operating normally"];

/** Texts as one, in which a word of one is not continued by the next. */
export function wordsIn(texts: readonly string[]): string {
  return texts.join("\n");
}

/** Whether a text has these words, whole ones, in capitals or not: `fsn1` is in `fsn1-dc14`, and not in `fsn10`. */
export function hasWords(text: string, words: string): boolean {
  const sought = words.trim().toLowerCase();
  const searched = text.toLowerCase();
  if (sought === "") return false;
  for (let at = searched.indexOf(sought); at >= 0; at = searched.indexOf(sought, at + 1)) {
    const end = at + sought.length;
    const isWhole = !(isLetter(searched[at - 1]) && isLetter(searched[at]));
    if (isWhole && !(isLetter(searched[end - 1]) && isLetter(searched[end]))) return true;
  }
  return false;
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}
