import { UnreadableFileError } from "./read-text-file.ts";

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

/** `$${` stands for a literal `${`. A brace that is never closed matches without an `end`. */
const pattern = /\$\$\{|\$\{(?<inside>[^}]*)(?<end>\}?)/g;

// biome-ignore lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
const known = "use ${NAME}, ${NAME:-default} or ${file:PATH}, or $${ for a literal ${";

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Replaces `${VAR}`, `${VAR:-default}` and `${file:PATH}` in a text; `$${` becomes `${`. */
export function substitute(text: string, source: VariableSource): Substitution {
  if (!text.includes("${")) return { text, values: [], variables: [], issues: [] };
  const values: string[] = [];
  const variables: string[] = [];
  const issues: string[] = [];
  const replaced = text.replaceAll(pattern, (written, inside: string | undefined, end: string) => {
    if (inside === undefined) return "${";
    if (end === "") {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
      issues.push("has ${ without a closing }; write $${ for a literal ${");
      return "";
    }
    const found = resolve(inside, source);
    if ("issue" in found) {
      issues.push(found.issue);
      return "";
    }
    if (found.external) {
      values.push(found.value);
      variables.push(written);
    }
    return found.value;
  });
  return { text: replaced, values, variables, issues };
}

type Resolved = { readonly value: string; readonly external: boolean } | { readonly issue: string };

function resolve(inside: string, source: VariableSource): Resolved {
  if (inside.startsWith("file:")) return resolveFile(inside.slice("file:".length), source);
  const [, name = inside, fallback] = /^(.*?):-(.*)$/s.exec(inside) ?? [];
  if (!variableName.test(name)) {
    // Not repeated in the message: it may be a secret that happens to contain ${.
    return { issue: `has an invalid variable; ${known}` };
  }
  const value = source.variable(name);
  if (value !== undefined && (value !== "" || fallback === undefined)) return { value, external: true };
  if (fallback !== undefined) return { value: fallback, external: false };
  return { issue: `the variable ${name} is not set; set it, or give it a default: \${${name}:-default}` };
}

function resolveFile(path: string, source: VariableSource): Resolved {
  if (path === "") return { issue: `"\${file:}" has no path; write \${file:PATH}` };
  try {
    return { value: source.file(path).replace(/\r?\n$/, ""), external: true };
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    return { issue: `the file ${path} ${error.message}` };
  }
}
