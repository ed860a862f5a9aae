import type { InstrumentationScope } from "@opentelemetry/core";
import type { ExponentialHistogramMetricData, MetricData } from "@opentelemetry/sdk-metrics";
import { scope as ownScope } from "../../health/instrumentation/scope.ts";
import type { CheckMetric, CheckPoint } from "../metrics/check-metrics.ts";
import { pointTypes } from "../metrics/metric-values.ts";
import { escapeText, readable } from "./escape-text.ts";
import { type FamilyKind, familyName } from "./family-name.ts";

/** The metrics of one scope: the SDK's, or the checks' own. */
export interface WritableScope {
  readonly scope: InstrumentationScope;
  readonly metrics: readonly (MetricData | CheckMetric)[];
}

/** The data points of one metric of one scope. */
export interface FamilyPart {
  /** Histograms exactly when the family is one. */
  readonly dataPoints: Iterable<CheckPoint>;
  /** Labels that name the scope; none for our own. */
  readonly scopePairs: readonly (readonly [name: string, value: string])[];
  /** The same as they stand between the braces. */
  readonly scopeLabels: string;
}

/** What is written in one piece under one name: the metrics of all scopes that have it. */
export interface Family {
  readonly kind: FamilyKind;
  /** Without the `_total` of a counter. */
  readonly name: string;
  /** The unit in which the name ends; empty when there is none. */
  readonly unit: string;
  readonly description: string;
  readonly parts: readonly FamilyPart[];
}

/** Takes what cannot be written, as a sentence. */
export type Warn = (problem: string) => void;

/** The suffixes of the samples that a family of each kind can have; no other family may have a name that reads so. */
const suffixes: Readonly<Record<FamilyKind, readonly string[]>> = {
  counter: ["", "_total", "_created"],
  gauge: [""],
  histogram: ["", "_bucket", "_count", "_sum", "_created"],
};

/**
 * Puts metrics together by the name that they are written under. Where two cannot stand beside each other, as when one name is
 * a counter here and a gauge there, the first one is kept, as the specification asks, and the loss is logged.
 */
export function familiesOf(scopeMetrics: readonly WritableScope[], warn: Warn): readonly Family[] {
  const families = new Map<string, Family & { readonly parts: FamilyPart[] }>();
  const taken = new Map(["target", "target_info"].map((name) => [name, "the resource"]));
  for (const { scope, metrics } of scopeMetrics) {
    const scopePairs = scopePairsOf(scope);
    const scopeLabels = scopePairs.map(([label, value]) => `${label}="${escapeText(value)}"`).join(",");
    for (const metric of metrics) {
      const { descriptor } = metric;
      if (metric.dataPointType === pointTypes.exponentialHistogram) {
        warn(`the metric "${descriptor.name}" is left out: an exponential histogram has no text form`);
        continue;
      }
      const kind = kindOf(metric);
      const { name, unit } = familyName(descriptor.name, descriptor.unit, kind);
      const part = { dataPoints: metric.dataPoints, scopePairs, scopeLabels };
      const existing = families.get(name);
      if (existing?.kind === kind) {
        existing.parts.push(part);
        continue;
      }
      const names = suffixes[kind].map((suffix) => name + suffix);
      const owner = names.map((taking) => taken.get(taking)).find((known) => known !== undefined);
      if (owner !== undefined) {
        warn(`the metric "${descriptor.name}" is left out: its name in Prometheus, ${name}, is taken by ${owner}`);
        continue;
      }
      for (const taking of names) taken.set(taking, `the ${kind} "${descriptor.name}"`);
      families.set(name, { kind, name, unit, description: descriptor.description, parts: [part] });
    }
  }
  return [...families.values()];
}

function kindOf(metric: Exclude<MetricData, ExponentialHistogramMetricData> | CheckMetric): FamilyKind {
  switch (metric.dataPointType) {
    case pointTypes.sum:
      return metric.isMonotonic ? "counter" : "gauge";
    case pointTypes.gauge:
      return "gauge";
    case pointTypes.histogram:
      return "histogram";
  }
}

/**
 * The labels by which the specification distinguishes scopes. The checks' own metrics go without: they would say the same on
 * every series of every check.
 */
function scopePairsOf({ name, version, schemaUrl }: InstrumentationScope): FamilyPart["scopePairs"] {
  if (name === ownScope.name) return [];
  const labels = { otel_scope_name: name, otel_scope_version: version, otel_scope_schema_url: schemaUrl };
  return Object.entries(labels).flatMap(([label, value]) => (value ? [[label, readable(value)] as const] : []));
}
