import type { JsonSchema } from "../../src/config/schema/schema-at.ts";

/** What says something about a schema and nothing about values. */
const annotations = ["$schema", "title", "description", "default", "writeOnly", "definitions"];

const validators: Readonly<Record<string, (value: unknown, schema: JsonSchema, root: JsonSchema) => boolean>> = {
  $ref: (value, { $ref }, root) => {
    const name = String($ref).replace("#/definitions/", "");
    const definition = (root.definitions as Record<string, JsonSchema> | undefined)?.[name];
    if (definition === undefined) throw new Error(`there is no definition ${name}`);
    return isValid(value, definition, root);
  },
  type: (value, { type }) => [type].flat().some((one) => isOfType(value, String(one))),
  const: (value, schema) => value === schema.const,
  enum: (value, schema) => schema.enum?.includes(value) === true,
  anyOf: (value, { anyOf = [] }, root) => anyOf.some((one) => isValid(value, one, root)),
  oneOf: (value, { oneOf = [] }, root) => oneOf.filter((one) => isValid(value, one, root)).length === 1,
  pattern: (value, { pattern }) => typeof value !== "string" || new RegExp(String(pattern), "u").test(value),
  minLength: (value, { minLength }) => typeof value !== "string" || value.length >= Number(minLength),
  maxLength: (value, { maxLength }) => typeof value !== "string" || value.length <= Number(maxLength),
  minimum: (value, { minimum }) => typeof value !== "number" || value >= Number(minimum),
  maximum: (value, { maximum }) => typeof value !== "number" || value <= Number(maximum),
  exclusiveMinimum: (value, schema) => typeof value !== "number" || value > Number(schema.exclusiveMinimum),
  minItems: (value, { minItems }) => !Array.isArray(value) || value.length >= Number(minItems),
  maxItems: (value, { maxItems }) => !Array.isArray(value) || value.length <= Number(maxItems),
  items: (value, { items = {} }, root) => !Array.isArray(value) || value.every((item) => isValid(item, items, root)),
  required: (value, { required = [] }) => !isMap(value) || required.every((key) => Object.hasOwn(value, key)),
  minProperties: (value, schema) => !isMap(value) || Object.keys(value).length >= Number(schema.minProperties),
  maxProperties: (value, schema) => !isMap(value) || Object.keys(value).length <= Number(schema.maxProperties),
  propertyNames: (value, { propertyNames }, root) =>
    // Of JSON Schema's keywords this one, too, holds a schema.
    !isMap(value) || Object.keys(value).every((key) => isValid(key, propertyNames as JsonSchema, root)),
  properties: (value, { properties = {} }, root) =>
    !isMap(value) ||
    Object.entries(properties).every(([key, inner]) => !Object.hasOwn(value, key) || isValid(value[key], inner, root)),
  patternProperties: (value, { patternProperties }, root) =>
    !isMap(value) ||
    Object.entries(patternProperties as Record<string, JsonSchema>).every(([pattern, inner]) =>
      Object.keys(value)
        .filter((key) => new RegExp(pattern, "u").test(key))
        .every((key) => isValid(value[key], inner, root)),
    ),
  additionalProperties: (value, { additionalProperties = true, properties = {}, patternProperties = {} }, root) =>
    !isMap(value) ||
    Object.entries(value)
      .filter(([key]) => !Object.hasOwn(properties, key))
      .filter(
        ([key]) => !Object.keys(patternProperties as object).some((pattern) => new RegExp(pattern, "u").test(key)),
      )
      .every(([, inner]) =>
        typeof additionalProperties === "object" ? isValid(inner, additionalProperties, root) : additionalProperties,
      ),
};

/**
 * Whether a value follows a JSON Schema of draft 7.
 * @throws Error for a keyword that this validator does not know: a test must not pass because of what it overlooks
 */
export function isValid(value: unknown, schema: JsonSchema, root: JsonSchema = schema): boolean {
  return Object.keys(schema)
    .filter((keyword) => !annotations.includes(keyword))
    .every((keyword) => {
      const validator = validators[keyword];
      if (validator === undefined) throw new Error(`the keyword ${keyword} is not known`);
      return validator(value, schema, root);
    });
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isMap(value);
    default:
      return typeof value === type;
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
