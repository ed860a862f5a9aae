import { printable } from "./printable.ts";

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * HTML or XML that can be inserted into a document. Make it with {@link markup}, which escapes everything inserted; use `new`
 * only for constants.
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

/** What a template may contain: text is escaped, markup is not, lists are joined, `undefined` and `false` are left out. */
export type Fragment = string | number | false | undefined | Markup | readonly Fragment[];

/** A template tag that makes markup: literal parts are kept, everything inserted is escaped. */
export function markup(literals: TemplateStringsArray, ...fragments: readonly Fragment[]): Markup {
  let text = literals[0] ?? "";
  for (let index = 0; index < fragments.length; index += 1) text += render(fragments[index]) + literals[index + 1];
  return new Markup(text);
}

function render(fragment: Fragment): string {
  if (typeof fragment === "string") return escaped(fragment);
  if (fragment instanceof Markup) return fragment.toString();
  if (typeof fragment === "number") return String(fragment);
  if (fragment === undefined || fragment === false) return "";
  return fragment.map(render).join("");
}

/** Escapes text for any place in a document, between tags or within a quoted attribute. */
function escaped(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (character) => escapes[character] ?? character);
}
