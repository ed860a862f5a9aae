const maxCharacters = 200;

/**
 * A text of somebody else, fit for a message: a line, without control characters and secrets, and not too long.
 * @param redact takes the secrets of the check out
 */
export function shownText(text: string, redact: (text: string) => string): string {
  // What is far too long is cut first: to look for secrets in megabytes takes a while.
  const line = redact(text.slice(0, 100 * maxCharacters))
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
  const characters = [...line];
  return characters.length > maxCharacters ? `${characters.slice(0, maxCharacters - 1).join("")}…` : line;
}

/** An address of somebody else, fit for a message; undefined when it is none of the web, or too long to be shown whole. */
export function shownLink(link: string | undefined, redact: (text: string) => string): string | undefined {
  const url = URL.parse(link ?? "");
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.username !== "" || url.password !== "") {
    return undefined;
  }
  const shown = redact(url.href);
  return shown.length <= maxCharacters ? shown : undefined;
}

const maxListed = 3;

/** The first three of a list, and how many there are besides. */
export function firstOf(texts: readonly string[], separator = "; "): string {
  const listed = texts.slice(0, maxListed).join(separator);
  return texts.length > maxListed ? `${listed} and ${texts.length - maxListed} more` : listed;
}
