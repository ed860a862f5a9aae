import type { z } from "zod";
import type { ConfigurationIssue, ConfigurationPath } from "../configuration-error.ts";
import type { Source } from "../read/source.ts";
import { explainIssues, pathsOf, unknownOptionsOf, wordsFor } from "./explain-issues.ts";
import { isExtension, jsonSchemaOf } from "./schema-at.ts";

/** Which part of a source to validate, and how messages refer to it. */
export interface Part {
  readonly source: Source;
  /** The path of the part in the source. */
  readonly path: ConfigurationPath;
  /** Whose options they are, for messages about unknown ones: `the redis check`. */
  readonly subject?: string;
  /** How to see the options, for a subject that has too many to list: `Run "…" to see its options`. */
  readonly seeOptions?: string;
}

/** A valid part as its schema reads it, or its issues. */
export type Validated<Value> =
  | { readonly value: Value; readonly input: unknown; readonly issues?: never }
  | { readonly value?: never; readonly input: unknown; readonly issues: readonly ConfigurationIssue[] };

/**
 * Validates a part of a source. The value of a variable is text; where the schema wants a number, `true` or `false`, it is
 * read as one. Unknown options that start with `x-` are ignored. Values whose variables could not be replaced are not reported again.
 */
export function validate<Value>(schema: z.ZodType<Value>, input: unknown, part: Part): Validated<Value> {
  const { source, path } = part;
  const options = { error: wordsFor, reportInput: true };
  let read = input;
  let result = schema.safeParse(read, options);
  if (!result.success) {
    const { issues } = result.error;
    read = pathsOf(issues).reduce((value, inner) => readVariable(value, inner, part), input);
    read = unknownOptionsOf(issues).reduce((value, inner) => withoutExtension(value, inner), read);
    if (read !== input) result = schema.safeParse(read, options);
  }
  if (result.success) return { value: result.data, input: read };
  const explained = explainIssues(result.error.issues, {
    schema: jsonSchemaOf(schema),
    input: read,
    variables: (inner) => source.place([...path, ...inner])?.variables ?? [],
    subject: part.subject,
    seeOptions: part.seeOptions,
  });
  const issues = explained
    .map((issue) => ({ ...issue, path: [...path, ...issue.path] }))
    .filter((issue) => !source.isUnresolved(issue.path))
    .map((issue) => source.issue(issue.path, issue.message, { about: issue.about }));
  return { input: read, issues };
}

/** Returns the value with the text at a path read as a number, `true` or `false`, if it comes from a variable. */
function readVariable(value: unknown, path: ConfigurationPath, { source, path: base }: Part): unknown {
  if (source.place([...base, ...path])?.replaced !== true) return value;
  return replaceAt(value, path, (text) => {
    if (text === "true" || text === "false") return text === "true";
    return typeof text === "string" && /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  });
}

/** Returns the value without the option at a path, if it is an extension. */
function withoutExtension(value: unknown, path: ConfigurationPath): unknown {
  const key = String(path.at(-1));
  if (!isExtension(key)) return value;
  return replaceAt(value, path.slice(0, -1), (map) =>
    Object.fromEntries(Object.entries(map as object).filter(([name]) => name !== key)),
  );
}

function replaceAt(value: unknown, path: ConfigurationPath, replace: (value: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return replace(value);
  if (Array.isArray(value)) return value.with(Number(key), replaceAt(value[Number(key)], rest, replace));
  if (typeof value !== "object" || value === null) return value;
  const map = value as Record<string, unknown>; // Keys in YAML are read as strings.
  return { ...map, [key]: replaceAt(map[key], rest, replace) };
}
