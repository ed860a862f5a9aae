import { commonFields } from "../../health/common-fields.ts";
import type { CataloguedCheck } from "../load-catalogue.ts";
import { describedChannels } from "./channel-schemas.ts";
import { fileSchema } from "./file-schema.ts";
import { channelName } from "./notify-fields.ts";
import { type JsonSchema, jsonSchemaOf } from "./schema-at.ts";

const variable: JsonSchema = {
  title: "variable",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
  description: "`${NAME}`, `${NAME:-default}` or `${file:PATH}`, alone or within text.",
  type: "string",
  pattern: "\\$\\{",
};

const variableReference: JsonSchema = { $ref: "#/definitions/variable" };

/**
 * The JSON Schema (draft 7, which editors support) of a whole configuration with the given checks.
 * Wherever it does not accept any text, it accepts a variable instead of the value.
 */
export function configurationSchema(checks: readonly CataloguedCheck[]): JsonSchema {
  const { $schema, properties = {}, ...rest } = jsonSchemaOf(fileSchema);
  const name = jsonSchemaOf(commonFields.name);
  return {
    $schema,
    title: "Healthspan configuration",
    ...rest,
    properties: {
      ...mapValues(properties, allowVariables),
      checks: {
        ...properties.checks,
        propertyNames: { type: "string", pattern: name.pattern },
        additionalProperties: {
          oneOf: checks.map(({ type }) => ({ $ref: `#/definitions/${definitionName(type)}` })),
        },
      },
      notify: {
        ...properties.notify,
        propertyNames: { type: "string", pattern: jsonSchemaOf(channelName).pattern },
        additionalProperties: {
          oneOf: describedChannels.map(({ type }) => ({ $ref: `#/definitions/${type}-channel` })),
        },
      },
    },
    definitions: {
      variable,
      ...Object.fromEntries(checks.map((check) => [definitionName(check.type), checkSchema(check)])),
      ...Object.fromEntries(describedChannels.map((channel) => [`${channel.type}-channel`, channelSchema(channel)])),
    },
  };
}

function checkSchema({ type, summary, Check }: CataloguedCheck): JsonSchema {
  const { $schema: _, properties = {}, required = [], ...rest } = jsonSchemaOf(Check.definition.schema);
  const { name: _name, ...options } = properties;
  return {
    description: summary,
    ...rest,
    required: ["type", ...required],
    properties: {
      type: { type: "string", const: type, description: "The type of the check." },
      ...mapValues(options, allowVariables),
    },
  };
}

function channelSchema({ type, summary, schema }: (typeof describedChannels)[number]): JsonSchema {
  const { $schema: _, properties = {}, required = [], ...rest } = jsonSchemaOf(schema);
  return {
    description: summary,
    ...rest,
    required: ["type", ...required],
    properties: {
      type: { type: "string", const: type, description: "The type of the channel." },
      ...mapValues(properties, allowVariables),
    },
  };
}

function definitionName(type: string): string {
  return `${type}-check`;
}

/** The same schema, which also accepts a variable wherever it does not accept any text. */
function allowVariables(schema: JsonSchema): JsonSchema {
  const { anyOf, properties, additionalProperties, items } = schema;
  if (anyOf !== undefined) {
    const leaves = anyOf.filter(isLeaf);
    const needsVariable = leaves.length > 0 && !leaves.some(acceptsAnyText);
    const inner = anyOf.map((one) => (isLeaf(one) ? one : allowVariables(one)));
    return { ...schema, anyOf: needsVariable ? [...inner, variableReference] : inner };
  }
  if (isLeaf(schema)) {
    if (acceptsAnyText(schema)) return schema;
    const { title, description, default: fallback, writeOnly, ...constraints } = schema;
    const about = Object.entries({ title, description, default: fallback, writeOnly });
    return {
      ...Object.fromEntries(about.filter(([, value]) => value !== undefined)),
      anyOf: [constraints, variableReference],
    };
  }
  return {
    ...schema,
    ...(properties !== undefined && { properties: mapValues(properties, allowVariables) }),
    ...(typeof additionalProperties === "object" && { additionalProperties: allowVariables(additionalProperties) }),
    ...(items !== undefined && { items: allowVariables(items) }),
  };
}

function isLeaf({ type, enum: values, const: value }: JsonSchema): boolean {
  return values !== undefined || value !== undefined || (type !== undefined && type !== "object" && type !== "array");
}

/** Whether any text is accepted: none of the keywords that restrict texts is present. */
function acceptsAnyText(schema: JsonSchema): boolean {
  const restrictions = ["pattern", "format", "minLength", "maxLength", "enum", "const"];
  return [schema.type].flat().includes("string") && !restrictions.some((keyword) => schema[keyword] !== undefined);
}

function mapValues<Value, Result>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
