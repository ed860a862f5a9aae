import { UnreadableFileError } from "./read-text-file.ts";

/** Where the values of variables come from. */
export interface VariableSource {
  /** The value of an environment variable; undefined when it is not set. */
  readonly variable: (name: string) => string | undefined;
  /**
   * The content of a file.
   * @throws UnreadableFileError
   */
  readonly file: (path: string) => string;
}

/** What has become of a text with variables in it. */
export interface Substitution {
  readonly text: string;
  /** The values from outside the configuration that are part of the text. They may be secrets. */
  readonly values: readonly string[];
  /** The variables that they come from, as written: `${REDIS_URL}`. */
  readonly variables: readonly string[];
  /** What is wrong, a sentence each; the text is then of no use. */
  readonly issues: readonly string[];
}

/** `$${` stands for the characters `${`; a brace that is never closed is caught, too. */
const pattern = /\$\$\{|\$\{(?<inside>[^}]*)(?<end>\}?)/g;

// biome-ignore lint/suspicious/noTemplateCurlyInString: the variables of a configuration look like that
const known = "there is ${NAME}, ${NAME:-default} and ${file:PATH}, and $${ for the characters themselves";

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
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the variables of a configuration look like that
      issues.push("has ${ without a closing }; write $${ for the characters themselves");
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
    // What stands there may be a secret in which ${ happens to occur.
    return { issue: `has \${ } without a variable in it; ${known}` };
  }
  const value = source.variable(name);
  if (value !== undefined && (value !== "" || fallback === undefined)) return { value, external: true };
  if (fallback !== undefined) return { value: fallback, external: false };
  return { issue: `the variable ${name} is not set; set it, or give it a default: \${${name}:-default}` };
}

function resolveFile(path: string, source: VariableSource): Resolved {
  if (path === "") return { issue: `"\${file:}" names no file` };
  try {
    return { value: source.file(path).replace(/\r?\n$/, ""), external: true };
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    return { issue: `the file ${path} ${error.message}` };
  }
}
