import { printable } from "./printable.ts";

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * HTML, or XML, that is ready to be put into a document. {@link markup} makes it, so that nothing is put there
 * unescaped; only what is constant may be vouched for by `new`.
 */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template: text is escaped, markup is not, lists are joined, and `undefined` and `false` are nothing. */
export type Fragment = string | number | false | undefined | Markup | readonly Fragment[];

/** Makes markup of a template: its literal parts stay as they are, and what is put into it is escaped. */
export function markup(literals: TemplateStringsArray, ...fragments: readonly Fragment[]): Markup {
  let text = literals[0] ?? "";
  for (let index = 0; index < fragments.length; index += 1) text += written(fragments[index]) + literals[index + 1];
  return new Markup(text);
}

function written(fragment: Fragment): string {
  if (typeof fragment === "string") return escaped(fragment);
  if (fragment instanceof Markup) return fragment.toString();
  if (typeof fragment === "number") return String(fragment);
  if (fragment === undefined || fragment === false) return "";
  return fragment.map(written).join("");
}

/** A text for any place in a document, between tags or within the quotes of an attribute. */
function escaped(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (character) => escapes[character] ?? character);
}
