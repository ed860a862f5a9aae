import type { Attributes, AttributeValue } from "@opentelemetry/api";
import { isOwnLabel, labelOfAttribute } from "../labels.ts";
import { escapeText, readable } from "./escape-text.ts";
import { KeptAttributes, type LabelText } from "./kept-attributes.ts";
import { validName } from "./valid-name.ts";

/** The label of a bucket's upper bound. */
const boundLabel = "le";

/** Labels that the writer itself adds; an attribute that would read the same is given another name. */
const reserved: ReadonlySet<string> = new Set(["otel_scope_name", "otel_scope_version", "otel_scope_schema_url"]);
const reservedOnHistograms: ReadonlySet<string> = new Set([...reserved, boundLabel]);

/** The labels of a data point. Remembers them as long as the attributes object lives, which must not change. */
export function labelTextOf(attributes: Attributes, onHistogram: boolean): LabelText {
  const written = KeptAttributes.writtenOf(attributes);
  if (onHistogram) {
    written.textOnHistogram ??= hasBoundLabel(attributes)
      ? makeLabelText(attributes, true)
      : labelTextOf(attributes, false);
    return written.textOnHistogram;
  }
  written.text ??= makeLabelText(attributes, false);
  return written.text;
}

/** Whether a label would read as the bound of a bucket: only then it has another name on histograms. */
export function hasBoundLabel(attributes: Attributes): boolean {
  return Object.keys(attributes).some((key) => labelNameOf(key, false).name === boundLabel);
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
  const unique = Object.keys(attributes).every((key) => {
    const { name, isUnchanged } = labelNameOf(key, onHistogram);
    return isUnchanged && labels.get(name) === attributes[key];
  });
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
  const labels = new Map<string, string>();
  const keys = Object.keys(attributes);
  for (const key of keys) {
    const { name } = labelNameOf(key, onHistogram);
    const isShared = labels.has(name);
    const ofName = (other: string): boolean => labelNameOf(other, onHistogram).name === name;
    labels.set(name, isShared ? joined(keys.filter(ofName), attributes) : valueText(attributes[key]));
  }
  for (const [name, value] of labels) if (value === "") labels.delete(name);
  return labels;
}

function joined(keys: readonly string[], attributes: Attributes): string {
  return keys
    .toSorted()
    .map((key) => valueText(attributes[key]))
    .join(";");
}

/** What an attribute's label is called. */
interface LabelName {
  readonly name: string;
  /** Whether no other attribute's label is called so. */
  readonly isUnchanged: boolean;
}

/** Thousands of checks have the same few keys. Who invents keys makes them be translated again, and nothing worse. */
const maxNames = 1000;
const names = new Map<string, LabelName>();
const namesOnHistograms = new Map<string, LabelName>();

function labelNameOf(key: string, onHistogram: boolean): LabelName {
  const cache = onHistogram ? namesOnHistograms : names;
  let labelName = cache.get(key);
  if (labelName === undefined) {
    labelName = makeLabelName(key, onHistogram);
    if (cache.size >= maxNames) cache.clear();
    cache.set(key, labelName);
  }
  return labelName;
}

function makeLabelName(key: string, onHistogram: boolean): LabelName {
  const valid = validName(labelOfAttribute(key) ?? key);
  const name = (onHistogram ? reservedOnHistograms : reserved).has(valid) ? `exported_${valid}` : valid;
  return { name, isUnchanged: name === unchangedName(key) };
}

function valueText(value: AttributeValue | undefined): string {
  if (typeof value === "string") return readable(value);
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
