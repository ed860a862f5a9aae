import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

// The files of semantic-conventions/ as they are written, in the format of OpenTelemetry's weaver
// (https://github.com/open-telemetry/weaver/blob/main/schemas/semconv-syntax.md). test/support/weaver-format.ts is its JSON Schema.

/** How firm a definition is. */
export type Stability = "stable" | "development";

/** One value of a closed list. */
export interface Member {
  readonly id: string;
  readonly value: string;
  readonly brief: string;
  readonly stability: Stability;
}

export type RequirementLevel =
  | "required"
  | "recommended"
  | "opt_in"
  | { readonly conditionally_required: string }
  | { readonly recommended: string };

/** An attribute of ours. */
export interface AttributeDefinition {
  readonly id: string;
  readonly type: string | { readonly members: readonly Member[] };
  readonly stability: Stability;
  readonly brief: string;
  readonly note?: string;
  readonly examples?: readonly (string | number)[];
  /** `label` is what the attribute is called in Prometheus' formats. */
  readonly annotations?: { readonly prometheus?: { readonly label: string } };
}

/** Says that a signal has an attribute. */
export interface AttributeReference {
  readonly ref: string;
  readonly brief?: string;
  readonly requirement_level: RequirementLevel;
  /** `values` are those that we give an official attribute whose list is open, with what each means. */
  readonly annotations?: { readonly healthspan?: { readonly values: Readonly<Record<string, string>> } };
}

interface GroupBase {
  readonly id: string;
  readonly brief: string;
  readonly note?: string;
  readonly extends?: string;
}

export interface AttributeGroup extends GroupBase {
  readonly type: "attribute_group";
  readonly display_name?: string;
  readonly attributes: readonly (AttributeDefinition | AttributeReference)[];
}

interface SignalGroup extends GroupBase {
  readonly stability: Stability;
  readonly attributes?: readonly AttributeReference[];
}

export interface MetricGroup extends SignalGroup {
  readonly type: "metric";
  readonly metric_name: string;
  readonly instrument: "counter" | "gauge" | "histogram" | "updowncounter";
  readonly unit: string;
  readonly annotations: {
    readonly healthspan: {
      readonly key: string;
      readonly of: "check" | "endpoint" | "process" | "probe";
      readonly observable?: boolean;
      /** Of a histogram: the upper bounds of its buckets. */
      readonly bounds?: readonly number[];
    };
  };
}

export interface SpanGroup extends SignalGroup {
  readonly type: "span";
  readonly span_kind: "client" | "server" | "internal";
  readonly annotations: { readonly healthspan: { readonly span_name: string } };
}

export interface EventGroup extends SignalGroup {
  readonly type: "event";
  readonly name: string;
}

export type Group = AttributeGroup | MetricGroup | SpanGroup | EventGroup;

interface RegistryFile {
  readonly groups: readonly Group[];
  readonly imports?: Readonly<Record<"metrics" | "events" | "entities", readonly string[] | undefined>>;
}

interface Manifest {
  readonly schema_url: string;
  readonly dependencies: readonly { readonly schema_url: string; readonly registry_path: string }[];
}

/** All files of a registry together. */
export interface Registry {
  readonly manifest: Manifest;
  readonly groups: readonly Group[];
  /** What is taken as it is from the registry that ours depends on. */
  readonly importedMetrics: readonly string[];
}

export const registryFolder: string = join(import.meta.dirname, "../../semantic-conventions");

const manifestName = "manifest.yaml";

/** The names of the files that hold groups. */
export async function registryFiles(folder = registryFolder): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith(".yaml") && name !== manifestName).sort();
}

export async function readRegistry(folder = registryFolder): Promise<Registry> {
  const read = async (name: string): Promise<unknown> => parse(await readFile(join(folder, name), "utf8"));
  const names = await registryFiles(folder);
  // The test of the format holds the files against its schema.
  const files = (await Promise.all(names.map(read))) as RegistryFile[];
  return {
    manifest: (await read(manifestName)) as Manifest,
    groups: files.flatMap(({ groups }) => groups),
    importedMetrics: files.flatMap(({ imports }) => imports?.metrics ?? []),
  };
}
