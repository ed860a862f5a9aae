import type { JsonSchema } from "../../src/config/schema/schema-at.ts";

// The format of the registries of OpenTelemetry's weaver 0.25, as far as ours uses it, written after
// https://github.com/open-telemetry/weaver/blob/main/schemas/semconv-syntax.md (what a file of groups may have) and
// https://github.com/open-telemetry/weaver/blob/main/schemas/definition-manifest.v2.json (the manifest). Like weaver, it refuses
// fields that it does not know.

const text = { type: "string", minLength: 1 } as const;
const sentence = { type: "string", pattern: "^[A-Z].*\\.\\s*$" } as const;
const name = { type: "string", pattern: "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$" } as const;
/** Also of one word, as the official entities. */
const imported = { type: "string", pattern: "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$" } as const;
const stability = { enum: ["stable", "development", "alpha", "beta", "release_candidate"] } as const;
const annotations = { type: "object" } as const;

function closed(properties: Readonly<Record<string, JsonSchema>>, ...required: readonly string[]): JsonSchema {
  return { type: "object", additionalProperties: false, properties, required: [...required] };
}

const requirementLevel: JsonSchema = {
  anyOf: [
    { enum: ["required", "recommended", "opt_in"] },
    closed({ conditionally_required: text }, "conditionally_required"),
    closed({ recommended: text }, "recommended"),
  ],
};

const member = closed(
  { id: text, value: { type: ["string", "integer"] }, brief: sentence, note: text, stability, annotations },
  "id",
  "value",
  "stability",
);

const simpleTypes = ["any", ...["string", "int", "double", "boolean"].flatMap((type) => [type, `${type}[]`])];

const described = { brief: sentence, note: text, examples: { type: "array", minItems: 1 }, annotations };

/** Examples are optional for numbers, booleans and enumerations. */
const definedAttribute: JsonSchema = {
  anyOf: [
    closed(
      {
        id: name,
        type: { enum: [...simpleTypes, ...simpleTypes.map((type) => `template[${type}]`)] },
        stability,
        ...described,
      },
      ...["id", "type", "stability", "brief", "examples"],
    ),
    closed(
      {
        id: name,
        type: closed({ members: { type: "array", minItems: 1, items: member } }, "members"),
        stability,
        ...described,
      },
      ...["id", "type", "stability", "brief"],
    ),
  ],
};

/** With `ref`, neither `id`, `type` nor `stability` may be there: they are those of what is referred to. */
const referredAttribute = closed(
  {
    ref: name,
    requirement_level: requirementLevel,
    ...described,
    brief: text,
    role: { enum: ["identifying", "descriptive"] },
  },
  ...["ref", "requirement_level"],
);

const shared = {
  id: name,
  brief: sentence,
  note: text,
  extends: name,
  attributes: { type: "array", items: { anyOf: [definedAttribute, referredAttribute] } },
  annotations,
};

function signal(
  type: string,
  fields: Readonly<Record<string, JsonSchema>>,
  ...required: readonly string[]
): JsonSchema {
  const properties = { ...shared, stability, type: { const: type }, ...fields };
  return closed(properties, "id", "type", "brief", "stability", ...required);
}

const group: JsonSchema = {
  oneOf: [
    closed({ ...shared, type: { const: "attribute_group" }, display_name: text }, "id", "type", "brief", "attributes"),
    signal(
      "metric",
      {
        metric_name: name,
        instrument: { enum: ["counter", "gauge", "histogram", "updowncounter"] },
        unit: { type: "string" },
        entity_associations: { type: "array", items: imported },
      },
      ...["metric_name", "instrument", "unit"],
    ),
    signal("span", { span_kind: { enum: ["client", "server", "producer", "consumer", "internal"] } }, "span_kind"),
    signal("event", { name }, "name"),
    signal("entity", { name: imported }, "name", "attributes"),
  ],
};

const importedNames = { type: "array", minItems: 1, items: imported } as const;

/** A file of groups. */
export const registryFileSchema: JsonSchema = closed(
  {
    groups: { type: "array", items: group },
    imports: closed({ metrics: importedNames, events: importedNames, entities: importedNames }),
  },
  "groups",
);

const schemaUrl = { type: "string", pattern: "^https://[^/]+/(?:.+/)?\\d+\\.\\d+\\.\\d+$" } as const;

/** The manifest of a registry. */
export const manifestSchema: JsonSchema = closed(
  {
    name: text,
    description: text,
    schema_url: schemaUrl,
    dependencies: {
      type: "array",
      // A git repository, a refspec and a folder in it.
      items: closed(
        { schema_url: schemaUrl, registry_path: { type: "string", pattern: "^https://[^@]+@[^[]+\\[.+\\]$" } },
        "schema_url",
      ),
    },
  },
  "schema_url",
);
