import type { z } from "zod";
import type { ConfigurationIssue, ConfigurationPath } from "../configuration-error.ts";
import type { Source } from "../read/source.ts";
import { explainIssues, pathsOf, wordsFor } from "./explain-issues.ts";
import { jsonSchemaOf } from "./schema-at.ts";

/** Which part of a source is validated, and how to speak of it. */
export interface Part {
  readonly source: Source;
  /** Where the part stands in the source. */
  readonly path: ConfigurationPath;
  /** What an unknown key is said to be: `is no option of the redis check`. */
  readonly unknownKey: string;
  /** Where all keys are told of, for a part that has too many to name them. */
  readonly keysAreToldBy?: string;
}

/** A part that follows its schema, or what is wrong with it. */
export type Validated<Value> =
  | { readonly value: Value; readonly input: unknown; readonly issues?: never }
  | { readonly value?: never; readonly input: unknown; readonly issues: readonly ConfigurationIssue[] };

/**
 * Validates a part of a source. What a variable holds is text: where a number, `true` or `false` is wanted it is
 * read as such. Nothing is said of values whose variables could not be replaced, that has been said already.
 */
export function validate<Value>(schema: z.ZodType<Value>, input: unknown, part: Part): Validated<Value> {
  const { source, path } = part;
  const options = { error: wordsFor, reportInput: true };
  let read = input;
  let result = schema.safeParse(read, options);
  if (!result.success) {
    read = pathsOf(result.error.issues).reduce((value, inner) => readVariable(value, inner, part), input);
    if (read !== input) result = schema.safeParse(read, options);
  }
  if (result.success) return { value: result.data, input: read };
  const explained = explainIssues(result.error.issues, {
    schema: jsonSchemaOf(schema),
    input: read,
    variables: (inner) => source.place([...path, ...inner])?.variables ?? [],
    unknownKey: part.unknownKey,
    keysAreToldBy: part.keysAreToldBy,
  });
  const issues = explained
    .map((issue) => ({ ...issue, path: [...path, ...issue.path] }))
    .filter((issue) => !source.isUnresolved(issue.path))
    .map((issue) => source.issue(issue.path, issue.message, issue.about));
  return { input: read, issues };
}

/** The same value, with the text at a path as the number or truth value that it says when it comes from a variable. */
function readVariable(value: unknown, path: ConfigurationPath, { source, path: base }: Part): unknown {
  if (source.place([...base, ...path])?.replaced !== true) return value;
  return replaceAt(value, path, (text) => {
    if (text === "true" || text === "false") return text === "true";
    return typeof text === "string" && /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  });
}

function replaceAt(value: unknown, path: ConfigurationPath, replace: (value: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return replace(value);
  if (Array.isArray(value)) return value.with(Number(key), replaceAt(value[Number(key)], rest, replace));
  if (typeof value !== "object" || value === null) return value;
  const map = value as Record<string, unknown>; // What comes from YAML has texts for keys.
  return { ...map, [key]: replaceAt(map[key], rest, replace) };
}
