import type { Attributes, AttributeValue } from "@opentelemetry/api";
import { isOwnLabel, labelOfAttribute } from "../labels.ts";
import { escapeText, readable } from "./escape-text.ts";
import { validName } from "./valid-name.ts";

/** Attributes as they stand between the braces of a series. */
export interface LabelText {
  /** `check="database",type="postgres"`; empty when there are none. */
  readonly text: string;
  /** Whether no other attributes can read the same. */
  readonly unique: boolean;
}

/** Labels that the writer itself adds; an attribute that would read the same is given another name. */
const reserved: ReadonlySet<string> = new Set(["otel_scope_name", "otel_scope_version", "otel_scope_schema_url"]);
const reservedOnHistograms: ReadonlySet<string> = new Set([...reserved, "le"]);

const known = new WeakMap<Attributes, LabelText>();
const knownOnHistograms = new WeakMap<Attributes, LabelText>();

/** The labels of a data point. Remembers them as long as the attributes object lives, which must not change. */
export function labelTextOf(attributes: Attributes, onHistogram: boolean): LabelText {
  const cache = onHistogram ? knownOnHistograms : known;
  let labels = cache.get(attributes);
  if (labels === undefined) {
    labels = makeLabelText(attributes, onHistogram);
    cache.set(attributes, labels);
  }
  return labels;
}

/** The same text for any two attributes objects whose labels are the same, in whatever order. */
export function labelIdentity(attributes: Attributes, onHistogram: boolean): string {
  return [...translated(attributes, onHistogram)].map(label).sort().join(",");
}

/** The labels by their names, and whether no other attributes can give the same. */
export function labelsOf(
  attributes: Attributes,
  onHistogram: boolean,
): { readonly labels: ReadonlyMap<string, string>; readonly unique: boolean } {
  const labels = translated(attributes, onHistogram);
  const unique = Object.entries(attributes).every(([key, value]) => labels.get(unchangedName(key) ?? "") === value);
  return { labels, unique };
}

function makeLabelText(attributes: Attributes, onHistogram: boolean): LabelText {
  const { labels, unique } = labelsOf(attributes, onHistogram);
  return { text: [...labels].map(label).join(","), unique };
}

/** The name of the label that no other attribute's is; undefined when another attribute may get the same. */
function unchangedName(key: string): string | undefined {
  return labelOfAttribute(key) ?? (isOwnLabel(key) ? undefined : key);
}

function label([name, value]: [string, string]): string {
  return `${name}="${escapeText(value)}"`;
}

/**
 * The labels by their names: our own attributes' short ones, and others made valid. When several attributes get one name, their values are joined by `;` in the order
 * of the attributes' names, as the specification says (compatibility, "Metric attributes"). A label without a
 * value is none at all to Prometheus.
 */
function translated(attributes: Attributes, onHistogram: boolean): Map<string, string> {
  const keysOf = new Map<string, string[]>();
  for (const key of Object.keys(attributes)) {
    const name = labelName(key, onHistogram);
    const keys = keysOf.get(name);
    if (keys === undefined) keysOf.set(name, [key]);
    else keys.push(key);
  }
  const labels = new Map<string, string>();
  for (const [name, keys] of keysOf) {
    const value = keys.length === 1 ? valueText(attributes[keys[0] ?? ""]) : joined(keys, attributes);
    if (value !== "") labels.set(name, value);
  }
  return labels;
}

function joined(keys: readonly string[], attributes: Attributes): string {
  return keys
    .toSorted()
    .map((key) => valueText(attributes[key]))
    .join(";");
}

function labelName(key: string, onHistogram: boolean): string {
  const name = validName(labelOfAttribute(key) ?? key);
  return (onHistogram ? reservedOnHistograms : reserved).has(name) ? `exported_${name}` : name;
}

function valueText(value: AttributeValue | undefined): string {
  if (typeof value === "string") return readable(value);
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
