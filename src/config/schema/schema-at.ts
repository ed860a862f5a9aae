import { z } from "zod";
import type { ConfigurationPath } from "../configuration-error.ts";

/** The parts of a JSON Schema that zod makes and that are read here. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly writeOnly?: boolean;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** What a zod schema accepts, as the JSON Schema (draft 7) that editors read. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const options = {
    io: "input",
    target: "draft-07",
    unrepresentable: "any", // An object that only code can make: it is not for a file to say.
    override: ({ jsonSchema }) => {
      // What every number in JavaScript keeps to says nothing.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  } satisfies z.core.ToJSONSchemaParams;
  return z.toJSONSchema(schema, options) as JsonSchema; // Zod's own type knows of more keywords than it writes.
}

/** The schemas that a value at the path may follow. */
export function schemasAt(schema: JsonSchema, path: ConfigurationPath): readonly JsonSchema[] {
  const alternatives = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const [key, ...rest] = path;
  if (key === undefined) return alternatives;
  return alternatives.flatMap(({ properties, additionalProperties, items }) => {
    const inner = typeof key === "number" ? items : (properties?.[key] ?? additionalProperties);
    return typeof inner === "object" ? schemasAt(inner, rest) : [];
  });
}

/** The names of the options that a map at the path may have. */
export function keysAt(schema: JsonSchema, path: ConfigurationPath): readonly string[] {
  return schemasAt(schema, path).flatMap(({ properties }) => Object.keys(properties ?? {}));
}

/** Whether a value at the path is or holds a secret, or may: then no message repeats it. */
export function isSecretAt(schema: JsonSchema, path: ConfigurationPath): boolean {
  const found = schemasAt(schema, path);
  return found.length === 0 || JSON.stringify(found).includes('"writeOnly":true');
}
