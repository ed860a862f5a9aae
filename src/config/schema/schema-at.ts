import { z } from "zod";
import type { ConfigurationPath } from "../configuration-error.ts";

/** A JSON Schema that zod made, with the keywords that are read here. */
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

/** The input that a zod schema accepts, as a JSON Schema (draft 7, which editors support). */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  let known = jsonSchemas.get(schema);
  if (known === undefined) {
    known = makeJsonSchema(schema);
    jsonSchemas.set(schema, known);
  }
  return known;
}

/** Kept, because thousands of invalid checks may need that of their type. */
const jsonSchemas = new WeakMap<z.ZodType, JsonSchema>();

function makeJsonSchema(schema: z.ZodType): JsonSchema {
  const options = {
    io: "input",
    target: "draft-07",
    unrepresentable: "any", // An object that only code can make accepts anything here.
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) jsonSchema.patternProperties = { "^x-": {} };
      // The bounds of every integer in JavaScript say nothing.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  } satisfies z.core.ToJSONSchemaParams;
  return z.toJSONSchema(schema, options) as JsonSchema; // Zod's own type has keywords that zod does not write.
}

/** The alternative schemas for a value at the path. */
export function schemasAt(schema: JsonSchema, path: ConfigurationPath): readonly JsonSchema[] {
  const alternatives = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const [key, ...rest] = path;
  if (key === undefined) return alternatives;
  return alternatives.flatMap(({ properties, additionalProperties, items }) => {
    const inner = typeof key === "number" ? items : (properties?.[key] ?? additionalProperties);
    return typeof inner === "object" ? schemasAt(inner, rest) : [];
  });
}

/** Whether an option is an extension, which is ignored: a place for YAML anchors and for the user's own notes. */
export function isExtension(key: string): boolean {
  return key.startsWith("x-");
}

/** The names of the options of a map at the path. */
export function keysAt(schema: JsonSchema, path: ConfigurationPath): readonly string[] {
  return schemasAt(schema, path).flatMap(({ properties }) => Object.keys(properties ?? {}));
}

/** Whether a value at the path may be or contain a secret, so that no message repeats it. */
export function isSecretAt(schema: JsonSchema, path: ConfigurationPath): boolean {
  const found = schemasAt(schema, path);
  return found.length === 0 || JSON.stringify(found).includes('"writeOnly":true');
}
