import { UnreadableFileError } from "./read-text-file.ts";
import { maxTemplateDepth, parseTemplate, type TemplatePart } from "./template.ts";
import { userInformationEncoder } from "./user-information.ts";

/** Where values of variables and contents of files come from. */
export interface VariableSource {
  /** The value of an environment variable; undefined when it is not set. */
  readonly variable: (name: string) => string | undefined;
  /**
   * The content of a file.
   * @throws UnreadableFileError
   */
  readonly file: (path: string) => string;
}

/** A text with its variables replaced. */
export interface Substitution {
  readonly text: string;
  /** The values from outside the configuration that the text contains. They may be secrets. */
  readonly values: readonly string[];
  /** Where those values come from: `${REDIS_URL}`. */
  readonly variables: readonly string[];
  /** What went wrong, one message each; the text is unusable then. */
  readonly issues: readonly string[];
}

const none: readonly string[] = Object.freeze([]);

/**
 * Replaces variables in a text, as {@link parseTemplate} reads them. Nothing is looked for in the value of a variable, and what
 * stands for one in the user information of an address is percent-encoded, so that a password may have any characters.
 */
export function substitute(text: string, source: VariableSource): Substitution {
  if (!text.includes("${")) return { text, values: none, variables: none, issues: none };
  const result = { values: [] as string[], variables: [] as string[], issues: [] as string[] };
  const replaced = new Substituter(source, result).replace(parseTemplate(text));
  return { text: replaced, ...result };
}

class Substituter {
  readonly #source: VariableSource;
  readonly #values: string[];
  readonly #variables: string[];
  readonly #issues: string[];

  constructor(
    source: VariableSource,
    { values, variables, issues }: Record<"values" | "variables" | "issues", string[]>,
  ) {
    this.#source = source;
    this.#values = values;
    this.#variables = variables;
    this.#issues = issues;
  }

  replace(parts: readonly TemplatePart[]): string {
    const encode = userInformationEncoder(parts);
    return parts.map((part, at) => (typeof part === "string" ? part : encode(this.#replaceOne(part), at))).join("");
  }

  #replaceOne(part: Exclude<TemplatePart, string>): string {
    switch (part.kind) {
      case "variable":
        return this.#replaceVariable(part.name, part.fallback);
      case "file":
        return this.#replaceFile(this.replace(part.path), part.written);
      case "invalid":
        this.#issues.push(explanations[part.reason]);
        return "";
    }
  }

  #replaceVariable(name: string, fallback: readonly TemplatePart[] | undefined): string {
    const value = this.#source.variable(name);
    if (value !== undefined && (value !== "" || fallback === undefined)) return this.#external(value, `\${${name}}`);
    if (fallback !== undefined) return this.replace(fallback);
    this.#issues.push(`the variable ${name} is not set; set it, or give it a default: \${${name}:-default}`);
    return "";
  }

  #replaceFile(path: string, written: string): string {
    if (path === "") {
      this.#issues.push(`"\${file:}" has no path; write \${file:PATH}`);
      return "";
    }
    try {
      return this.#external(this.#source.file(path).replace(/\r?\n$/, ""), written);
    } catch (error) {
      if (!(error instanceof UnreadableFileError)) throw error;
      // As written: a variable in the path may be a secret.
      this.#issues.push(`the file ${written.slice("${file:".length, -1)} ${error.message}`);
      return "";
    }
  }

  #external(value: string, written: string): string {
    this.#values.push(value);
    this.#variables.push(written);
    return value;
  }
}

// The text itself is not repeated: it may be a secret that happens to contain ${.
const explanations = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
  unclosed: "has ${ without a closing }; write $${ for a literal ${",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
  malformed: "has an invalid variable; use ${NAME}, ${NAME:-default} or ${file:PATH}, or $${ for a literal ${",
  "too deep": `has variables nested more than ${maxTemplateDepth} levels deep`,
} as const;
