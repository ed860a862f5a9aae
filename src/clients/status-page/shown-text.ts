const maxCharacters = 200;

/** Three of these, each behind such a text, are as much as a message may have. */
const maxLinkCharacters = 120;

/**
 * A text of somebody else, fit for a message: a line, without control characters and secrets, and not too long.
 * @param redact takes the secrets of the check out
 */
export function shownText(text: string, redact: (text: string) => string): string {
  const line = redact(text) // Before it is cut, lest a part of a secret be left.
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
  const characters = [...line.slice(0, 2 * maxCharacters + 1)]; // Of which each may take two.
  return characters.length > maxCharacters ? `${characters.slice(0, maxCharacters - 1).join("")}…` : line;
}

/** An address of somebody else, fit for a message; undefined when it is none of the web, or too long to be shown whole. */
export function shownLink(link: string | undefined, redact: (text: string) => string): string | undefined {
  const url = URL.parse(link ?? "");
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.username !== "" || url.password !== "") {
    return undefined;
  }
  const shown = redact(url.href);
  return shown.length <= maxLinkCharacters ? shown : undefined;
}

const maxListed = 3;

/** The first three of a list, and how many there are besides. */
export function firstOf<One>(list: readonly One[], told: (one: One) => string): string {
  const listed = list.slice(0, maxListed).map(told).join("; ");
  return list.length > maxListed ? `${listed} and ${list.length - maxListed} more` : listed;
}
