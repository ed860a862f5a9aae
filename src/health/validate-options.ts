import { z } from "zod";
import { InvalidOptionsError } from "./invalid-options-error.ts";

/**
 * Checks options that a program gives, as a configuration's are checked, and completes them with their defaults.
 * @param subject what the options were given to: `HealthMonitor`
 * @throws InvalidOptionsError that names each wrong option and what is allowed
 */
export function validateOptions<Schema extends z.ZodType>(
  subject: string,
  schema: Schema,
  options: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(options, { error: wordsFor });
  if (!parsed.success) throw new InvalidOptionsError(subject, parsed.error.issues);
  return parsed.data;
}

/** A function, whatever it takes and gives. */
export function functionField<Type>(): z.ZodType<Type> {
  return z.custom<Type>((value) => typeof value === "function", "must be a function");
}

/**
 * An object of somebody else's making that has at least these methods.
 * @param what it must be, in words: `a logger`
 */
export function objectWith<Type extends object>(what: string, ...methods: readonly string[]): z.ZodType<Type> {
  const list = methods.length === 1 ? `the method ${methods[0]}` : `the methods ${methods.join(", ")}`;
  return z.custom<Type>(
    (value) => methods.every((method) => typeof Object(value)[method] === "function"),
    `must be ${what}: an object with ${list}`,
  );
}

/** What is allowed, for what the schema itself has no words for. */
function wordsFor(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    case "unrecognized_keys":
      return `unknown option ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}`;
    case "too_small":
      return `must be at least ${issue.minimum}`;
    case "too_big":
      return `must be at most ${issue.maximum}`;
    default:
      return undefined;
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  array: "a list",
  object: "an object",
  map: "a Map",
};
