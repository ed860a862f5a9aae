import type { MetricDefinition } from "../../src/telemetry/metric-definition.ts";
import { type OfficialMetric, officialAttributes, officialMetrics } from "./official.ts";
import type {
  AttributeDefinition,
  AttributeGroup,
  AttributeReference,
  EventGroup,
  Group,
  MetricGroup,
  Registry,
  RequirementLevel,
  SpanGroup,
  Stability,
} from "./registry.ts";

/** An attribute with all that is known of it. */
export interface Attribute {
  readonly id: string;
  /** As the official registry writes types; `enum` for one with a list of values. */
  readonly type: string;
  readonly stability: Stability;
  readonly brief: string;
  readonly note: string;
  readonly examples: readonly (string | number)[];
  /** Each value that it can have, with what it means; undefined where there is no closed list. */
  readonly values: ReadonlyMap<string, string> | undefined;
  readonly isOfficial: boolean;
  readonly label: string | undefined;
}

/** An attribute as one signal has it. */
export interface UsedAttribute extends Attribute {
  readonly level: RequirementLevel;
}

/** A signal with all its attributes. */
export type Resolved<Signal> = Signal & { readonly uses: readonly UsedAttribute[] };

/** A metric of ours, or an official one that we send. */
export interface Metric {
  readonly key: string;
  readonly name: string;
  readonly instrument: MetricGroup["instrument"];
  readonly isObservable: boolean;
  readonly unit: string;
  readonly brief: string;
  readonly note: string;
  readonly stability: Stability;
  readonly of: MetricGroup["annotations"]["healthspan"]["of"];
  readonly bounds: readonly number[] | undefined;
  readonly uses: readonly UsedAttribute[];
}

/** The instrument as the code and the page of metrics name it: the conventions write of synchronous ones alone. */
export function instrumentName({ instrument, isObservable }: Metric): MetricDefinition["instrument"] {
  const name = instrument === "updowncounter" ? "up-down counter" : instrument;
  // Of the others there is only one kind.
  return (isObservable ? `observable ${name}` : name) as MetricDefinition["instrument"];
}

/** The registry with every reference resolved. */
export interface Convention {
  readonly schemaUrl: string;
  /** Of what others it uses names, by their schema URL. */
  readonly officialSchemaUrl: string;
  /** The groups of attributes that are ours. */
  readonly registries: readonly (AttributeGroup & { readonly defined: readonly Attribute[] })[];
  readonly metrics: readonly Metric[];
  readonly spans: readonly Resolved<SpanGroup>[];
  readonly events: readonly Resolved<EventGroup>[];
  readonly log: Resolved<AttributeGroup>;
  readonly resource: Resolved<AttributeGroup>;
}

/**
 * Resolves what groups take from each other and from the official registry.
 * @throws Error for a reference to nothing, and for what there is twice
 */
export function resolveConvention({ manifest, groups, importedMetrics }: Registry): Convention {
  const byId = uniqueBy(groups, ({ id }) => id);
  const definitions = uniqueBy(
    groups.flatMap(({ attributes = [] }) => attributes.filter((attribute) => "id" in attribute)),
    ({ id }) => id,
  );
  const uses = (group: Group): readonly UsedAttribute[] => {
    const used = new Map<string, UsedAttribute>();
    for (const reference of referencesOf(group, byId)) {
      const before = used.get(reference.ref);
      used.set(reference.ref, useAttribute(reference, definitions, before));
    }
    return [...used.values()];
  };
  const resolved = <Kind extends Group>(group: Kind): Resolved<Kind> => ({ ...group, uses: uses(group) });
  const ofType = <Type extends Group["type"]>(type: Type) =>
    groups.filter((group): group is Extract<Group, { type: Type }> => group.type === type).map(resolved);
  const attributeGroup = (id: string): Resolved<AttributeGroup> => {
    const group = byId.get(id);
    if (group?.type !== "attribute_group") throw new Error(`there is no attribute group ${id}`);
    return resolved(group);
  };
  const metrics = [...ofType("metric").map(ownMetric), ...importedMetrics.map(importedMetric)];
  uniqueBy(metrics, ({ name }) => name);
  uniqueBy(metrics, ({ key }) => key);
  return {
    schemaUrl: manifest.schema_url,
    officialSchemaUrl: manifest.dependencies[0]?.schema_url ?? "",
    registries: ofType("attribute_group").flatMap((group) => {
      const own = group.attributes.flatMap((attribute) => ("id" in attribute ? [defined(attribute)] : []));
      return own.length === 0 ? [] : [{ ...group, defined: own }];
    }),
    metrics,
    spans: ofType("span"),
    events: ofType("event"),
    log: attributeGroup("attributes.healthspan.log"),
    resource: attributeGroup("attributes.healthspan.resource"),
  };
}

/** What a group refers to: first what it takes from the one that it extends. */
function referencesOf(group: Group, byId: ReadonlyMap<string, Group>): readonly AttributeReference[] {
  const base = group.extends === undefined ? undefined : byId.get(group.extends);
  if (group.extends !== undefined && base === undefined)
    throw new Error(`${group.id} extends nothing: ${group.extends}`);
  const own = (group.attributes ?? []).filter((attribute) => "ref" in attribute);
  return [...(base === undefined ? [] : referencesOf(base, byId)), ...own];
}

function useAttribute(
  { ref, brief, requirement_level: level, annotations }: AttributeReference,
  definitions: ReadonlyMap<string, AttributeDefinition>,
  before: UsedAttribute | undefined,
): UsedAttribute {
  const own = definitions.get(ref);
  const attribute = before ?? (own === undefined ? official(ref) : defined(own));
  const values = annotations?.healthspan?.values;
  const meaning = brief ?? attribute.brief;
  if (meaning === "") throw new Error(`the reference to ${ref} needs a brief: what it is for us`);
  return {
    ...attribute,
    brief: meaning,
    level,
    ...(values !== undefined && { values: new Map(Object.entries(values)), examples: Object.keys(values).slice(0, 3) }),
  };
}

function defined({ id, type, stability, brief, note = "", examples, annotations }: AttributeDefinition): Attribute {
  const members = typeof type === "string" ? undefined : type.members;
  return {
    id,
    type: typeof type === "string" ? type : "enum",
    stability,
    brief: brief.trim(),
    note: note.trim(),
    examples: examples ?? members?.slice(0, 3).map(({ value }) => value) ?? [],
    values: members && new Map(members.map(({ value, brief: meaning }) => [value, meaning])),
    isOfficial: false,
    label: annotations?.prometheus?.label,
  };
}

function official(id: string): Attribute {
  const known = officialAttributes[id];
  if (known === undefined) throw new Error(`${id} is neither ours nor in scripts/convention/official.ts`);
  return { id, ...known, brief: "", note: "", values: undefined, isOfficial: true, label: undefined };
}

function ownMetric({ metric_name: name, annotations, note = "", ...rest }: Resolved<MetricGroup>): Metric {
  const { key, of, observable = false, bounds } = annotations.healthspan;
  const { instrument, unit, brief, stability, uses } = rest;
  return { key, name, instrument, isObservable: observable, unit, brief, note, stability, of, bounds, uses };
}

function importedMetric(name: string): Metric {
  const metric: OfficialMetric | undefined = officialMetrics[name];
  if (metric === undefined) throw new Error(`the imported metric ${name} is not in scripts/convention/official.ts`);
  const uses = Object.entries(metric.attributes).map(([id, { brief, values }]) => {
    const meanings = new Map(values.map((value) => [value, ""]));
    return { ...official(id), brief, values: meanings, level: "required" as const };
  });
  return { ...metric, name, isObservable: true, note: "", of: "process", bounds: undefined, uses };
}

function uniqueBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, Item> {
  const byKey = new Map<string, Item>();
  for (const item of items) {
    const key = keyOf(item);
    if (byKey.has(key)) throw new Error(`${key} is there twice`);
    byKey.set(key, item);
  }
  return byKey;
}
