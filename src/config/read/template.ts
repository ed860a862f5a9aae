/** A piece of text with variables: literal text, a variable, or something that is neither. */
export type TemplatePart =
  | string
  | { readonly kind: "variable"; readonly name: string; readonly fallback: readonly TemplatePart[] | undefined }
  | { readonly kind: "file"; readonly path: readonly TemplatePart[]; readonly written: string }
  | { readonly kind: "invalid"; readonly reason: "unclosed" | "malformed" | "too deep" };

/** More levels of variables within defaults than anybody writes. */
export const maxTemplateDepth = 20;

/**
 * Parses `${NAME}`, `${NAME:-default}` and `${file:PATH}` in a text, where a default or path may contain further variables
 * and braces in pairs; `$${` is a literal `${`. Takes time linear in the length of the text.
 */
export function parseTemplate(text: string): readonly TemplatePart[] {
  return new TemplateParser(text).parse();
}

/** The start of a variable: its name, and `:-` when a default follows. */
const variableStart = /(?<name>[A-Za-z_][A-Za-z0-9_]*)(?<end>:-|\})/y;

class TemplateParser {
  readonly #text: string;
  #at = 0;
  #isTooDeep = false;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): readonly TemplatePart[] {
    const { parts } = this.#parseParts(0);
    return this.#isTooDeep ? [{ kind: "invalid", reason: "too deep" }] : parts;
  }

  /** Parses to the end of the text or, inside a variable, to the `}` that closes it. */
  #parseParts(depth: number): { readonly parts: readonly TemplatePart[]; readonly isClosed: boolean } {
    const text = this.#text;
    const parts: TemplatePart[] = [];
    let literal = "";
    let openBraces = 0;
    while (this.#at < text.length) {
      const next = this.#nextSpecial(depth > 0);
      literal += text.slice(this.#at, next);
      this.#at = next;
      if (text.startsWith("$${", next)) {
        literal += "${";
        this.#at += 3;
        openBraces += 1;
      } else if (text.startsWith("${", next)) {
        parts.push(literal, this.#parseVariable(depth + 1));
        literal = "";
      } else if (text[next] === "{") {
        literal += "{";
        this.#at += 1;
        openBraces += 1;
      } else if (text[next] === "}") {
        this.#at += 1;
        if (openBraces === 0) return { parts: [...parts, literal], isClosed: true };
        literal += "}";
        openBraces -= 1;
      }
    }
    return { parts: [...parts, literal], isClosed: false };
  }

  /** The position of the next `$${` or `${` and, inside a variable, of the next brace; else the end of the text. */
  #nextSpecial(isInside: boolean): number {
    const special = isInside ? /\$?\$\{|[{}]/g : /\$?\$\{/g;
    special.lastIndex = this.#at;
    return special.exec(this.#text)?.index ?? this.#text.length;
  }

  #parseVariable(depth: number): TemplatePart {
    const start = this.#at;
    this.#at += "${".length;
    if (depth > maxTemplateDepth) {
      this.#isTooDeep = true;
      this.#at = this.#text.length;
      return { kind: "invalid", reason: "too deep" };
    }
    if (this.#text.startsWith("file:", this.#at)) {
      this.#at += "file:".length;
      const { parts: path, isClosed } = this.#parseParts(depth);
      if (!isClosed) return { kind: "invalid", reason: "unclosed" };
      return { kind: "file", path, written: this.#text.slice(start, this.#at) };
    }
    variableStart.lastIndex = this.#at;
    const { name = "", end } = variableStart.exec(this.#text)?.groups ?? {};
    if (end === undefined) {
      const { isClosed } = this.#parseParts(depth);
      return { kind: "invalid", reason: isClosed ? "malformed" : "unclosed" };
    }
    this.#at = variableStart.lastIndex;
    if (end === "}") return { kind: "variable", name, fallback: undefined };
    const { parts: fallback, isClosed } = this.#parseParts(depth);
    return isClosed ? { kind: "variable", name, fallback } : { kind: "invalid", reason: "unclosed" };
  }
}
