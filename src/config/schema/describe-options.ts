import { z } from "zod";
import { commonFields } from "../../health/common-fields.ts";
import type { HealthCheckClass } from "../../health/health-check.ts";
import { either } from "./either.ts";
import { type JsonSchema, jsonSchemaOf } from "./schema-at.ts";

/** An option as documentation shows it. */
export interface OptionDescription {
  readonly name: string;
  /** `label`: published on metrics, spans and reports. `setting`: never printed. */
  readonly kind: "label" | "setting";
  readonly description: string;
  /** `duration`, `"GET" or "HEAD"`, `list of text`. */
  readonly type: string;
  readonly required: boolean;
  /** As written in a configuration; undefined when there is none. */
  readonly default: unknown;
}

/** The options of a check, without those that every check has, unless its type has an interval of its own. */
export function describeOptions({ definition }: HealthCheckClass): readonly OptionDescription[] {
  const { labels, interval } = definition;
  return describeFields(definition.schema)
    .filter(({ name }) => !Object.hasOwn(commonFields, name) || (name === "interval" && interval !== undefined))
    .map((option) => ({
      ...option,
      kind: Object.hasOwn(labels, option.name) ? "label" : "setting",
    }));
}

/** The options that every check has in a configuration, where its key is its name. */
export function describeCommonOptions(): readonly OptionDescription[] {
  return describeFields(z.strictObject(commonFields))
    .filter(({ name }) => name !== "name")
    .map((option) => ({ ...option, kind: "setting" }));
}

/** The fields of an object's schema, in the order of their declaration. */
export function describeFields(schema: z.ZodType | JsonSchema): readonly Omit<OptionDescription, "kind">[] {
  const { properties = {}, required = [] } = "_zod" in schema ? jsonSchemaOf(schema as z.ZodType) : schema;
  return Object.entries(properties).map(([name, field]) => ({
    name,
    description: field.description ?? "",
    type: typeName(field),
    required: required.includes(name),
    default: field.default,
  }));
}

/** The kind of value that a schema accepts, in words. */
export function typeName(schema: JsonSchema): string {
  const { title, type, anyOf, items, additionalProperties } = schema;
  if (title !== undefined) return title;
  if (schema.enum !== undefined) return either(schema.enum.map((value) => JSON.stringify(value)));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeName))].join(" or ");
  if (Array.isArray(type)) return type.map((one) => typeName({ ...schema, type: one })).join(" or ");
  switch (type) {
    case "string":
      return "text";
    case "integer":
      return "whole number";
    case "boolean":
      return "true or false";
    case "array":
      return `list of ${items === undefined ? "anything" : typeName(items)}`;
    case "object":
      return typeof additionalProperties === "object" ? `map of ${typeName(additionalProperties)}` : "map";
    default:
      return typeof type === "string" ? type : "anything";
  }
}
