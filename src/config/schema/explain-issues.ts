import type { z } from "zod";
import type { ConfigurationPath } from "../configuration-error.ts";
import { either } from "./either.ts";
import { refusedOptions } from "./refused-options.ts";
import { isSecretAt, type JsonSchema, keysAt } from "./schema-at.ts";
import { suggestion } from "./suggestion.ts";

/** What is wrong with one value or key. Its path starts at the value that was validated. */
export interface ExplainedIssue {
  readonly path: ConfigurationPath;
  readonly message: string;
  readonly about: "key" | "value";
}

/** What is needed to explain an issue. */
export interface Explained {
  /** The JSON Schema that the input was validated against. */
  readonly schema: JsonSchema;
  readonly input: unknown;
  /** The variables that the value at a path contains; when there are any, messages do not show it. */
  readonly variables: (path: ConfigurationPath) => readonly string[];
  /** Whose option an unknown key was taken for: `the redis check`. */
  readonly subject?: string | undefined;
  /** How to see the options, for a subject that has too many to list. */
  readonly seeOptions?: string | undefined;
}

type ZodIssue = z.core.$ZodIssue;

/** Explains zod's issues: what is allowed, and what was found unless it may be a secret. */
export function explainIssues(issues: readonly ZodIssue[], about: Explained): readonly ExplainedIssue[] {
  return issues.flatMap((issue) => explain(issue, [], about));
}

/** The `error` option of `safeParse`: messages for issues that have none in the schema itself. */
export function wordsFor(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${kind(issue.expected)}${needsQuotes(issue) ? ": put it in quotes" : ""}`;
    case "invalid_value":
      return `must be ${either(issue.values.map((value) => JSON.stringify(value)))}`;
    case "too_small":
      return bound(issue.origin, issue.minimum, issue.inclusive === false ? "more than" : "at least");
    case "too_big":
      return bound(issue.origin, issue.maximum, issue.inclusive === false ? "less than" : "at most");
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_format":
      return issue.format === "regex" ? `must match ${issue.pattern}` : `must be a valid ${issue.format}`;
    case "invalid_union":
      return ""; // Explained by its alternatives.
    default:
      return "is not allowed";
  }
}

/** The paths of all issues, including those in the alternatives of a union. */
export function pathsOf(issues: readonly ZodIssue[], base: ConfigurationPath = []): readonly ConfigurationPath[] {
  return issues.flatMap((issue) => {
    const path = pathOf(issue, base);
    return issue.code === "invalid_union" ? [path, ...issue.errors.flatMap((inner) => pathsOf(inner, path))] : [path];
  });
}

/** The paths of all unknown options, including those in the alternatives of a union. */
export function unknownOptionsOf(
  issues: readonly ZodIssue[],
  base: ConfigurationPath = [],
): readonly ConfigurationPath[] {
  return issues.flatMap((issue) => {
    const path = pathOf(issue, base);
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...path, key]);
    return issue.code === "invalid_union" ? issue.errors.flatMap((inner) => unknownOptionsOf(inner, path)) : [];
  });
}

function explain(issue: ZodIssue, base: ConfigurationPath, about: Explained): readonly ExplainedIssue[] {
  const path = pathOf(issue, base);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey(key, path, about));
    case "invalid_key":
      return [{ path, message: issue.issues[0]?.message ?? "is not allowed as a name", about: "key" }];
    case "invalid_union":
      return explainUnion(issue, path, about);
    case "invalid_type":
    case "invalid_value":
      return [{ path, message: mismatch(issue.message, path, about, issue.input), about: "value" }];
    default:
      return [
        {
          path,
          message: withFound(issue.message, path, about, issue.input),
          about: path.length === 0 ? "key" : "value",
        },
      ];
  }
}

function unknownKey(key: string, path: ConfigurationPath, about: Explained): ExplainedIssue {
  const refused = refusedOptions[[...path, key].join(".")];
  if (refused !== undefined) return { path: [...path, key], message: refused, about: "key" };
  const known = keysAt(about.schema, path);
  const { subject, seeOptions } = path.length === 0 ? about : {};
  const owner = subject === undefined ? "" : ` for ${subject}`;
  const options =
    seeOptions ?? (known.length === 0 ? "There are no options here" : `Known options: ${known.join(", ")}`);
  const advice = suggestion(key, known) || ` ${options}`;
  return { path: [...path, key], message: `unknown option "${key}"${owner}.${advice}`, about: "key" };
}

/** Explains a union by the alternative that was probably meant: the one of the same kind of value. */
function explainUnion(
  { errors, message, input }: z.core.$ZodIssueInvalidUnion,
  path: ConfigurationPath,
  about: Explained,
): readonly ExplainedIssue[] {
  if (message !== "") return [{ path, message: mismatch(message, path, about, input), about: "value" }];
  const meant = errors.find((issues) => !issues.some(isOfOtherKind));
  if (meant !== undefined) return meant.flatMap((issue) => explain(issue, path, about));
  const allowed = errors.flat().map((issue) => issue.message.replace(/^must be /, ""));
  const words = `must be ${either([...new Set(allowed.filter((word) => word !== ""))])}`;
  return [{ path, message: mismatch(words, path, about, input), about: "value" }];
}

function isOfOtherKind({ code, path }: ZodIssue): boolean {
  return path.length === 0 && (code === "invalid_type" || code === "invalid_value");
}

/** A value of the wrong kind may be missing altogether. */
function mismatch(message: string, path: ConfigurationPath, about: Explained, seen: unknown): string {
  if (path.length > 0 && valueAt(about.input, path) === undefined) return `is missing; it ${message}`;
  return withFound(message, path, about, seen);
}

/** Appends what was found, unless it must not be shown. */
function withFound(message: string, path: ConfigurationPath, about: Explained, seen: unknown): string {
  const variables = about.variables(path);
  if (variables.length > 0) return `${message} (the value of ${variables.join(" and ")} is not shown)`;
  const found = valueAt(about.input, path);
  if (found === undefined || (typeof found === "object" && found !== null)) return message;
  if (seen === "[redacted]" || isSecretAt(about.schema, path)) return message;
  return `${message}; found ${show(found)}`;
}

function pathOf({ path }: ZodIssue, base: ConfigurationPath): ConfigurationPath {
  return [...base, ...(path as (string | number)[])]; // Keys in YAML are never symbols.
}

function needsQuotes({ expected, input }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): boolean {
  return expected === "string" && (typeof input === "number" || typeof input === "boolean");
}

const maxShownCharacters = 60;

function show(value: unknown): string {
  if (value === null) return "nothing";
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > maxShownCharacters ? `${text.slice(0, maxShownCharacters)}…` : text;
}

function valueAt(value: unknown, path: ConfigurationPath): unknown {
  return path.reduce<unknown>((inner, key) => {
    return typeof inner === "object" && inner !== null ? (inner as Record<string | number, unknown>)[key] : undefined; // A missing key gives undefined.
  }, value);
}

function kind(expected: string): string {
  switch (expected) {
    case "string":
      return "text";
    case "int":
      return "a whole number";
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    case "object":
    case "record":
      return "a map";
    default:
      return expected;
  }
}

function bound(origin: string, limit: number | bigint, words: string): string {
  if (origin === "number" || origin === "int") return `must be ${words} ${limit}`;
  if (words === "at least" && limit === 1) return "must not be empty";
  const unit = origin === "string" ? "characters" : "entries";
  return `must have ${words} ${limit} ${unit}`;
}
