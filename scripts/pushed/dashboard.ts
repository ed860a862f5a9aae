import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { pushedLabel } from "./labels.ts";
import { metricsIn, pushedExpression } from "./promql.ts";
import { pushedLegend } from "./template.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = Extract<Json, { readonly [key: string]: Json }>;

/** What the address of a dashboard for pushed metrics ends with: a Grafana may have both. */
const pushedSuffix = "-pushed";

/** The metrics whose labels columns and links name. */
const labelled = ["health_check_state", "health_check_duration_seconds"];
/** The labels that a dashboard names outside of a query; other names there are those of columns that are no labels. */
const named: ReadonlySet<string> = new Set(["check", "type", "state"]);

const labelValues = /^label_values\((?<selector>.+), (?<label>\w+)\)$/s;
const addressOfOurs = /(?<=^\/d\/)healthspan-[a-z]+/;
const labelOfSeries = /(?<=\$\{__(?:field\.labels|data\.fields)\.)\w+/g;

/** A dashboard for a store that takes the pushed metrics. */
export function pushedDashboard(dashboard: Dashboard): JsonObject & { readonly uid: string } {
  const json: JsonObject = JSON.parse(JSON.stringify(dashboard));
  const pushed = rewritten(json) as JsonObject; // An object stays one.
  return { ...pushed, uid: `${json.uid}${pushedSuffix}`, title: `${json.title}, pushed` };
}

function rewritten(value: Json): Json {
  if (Array.isArray(value)) return value.map(rewritten);
  if (typeof value !== "object" || value === null) return value;
  const object = value as JsonObject; // No array is left.
  const { expr } = object;
  const entries = Object.entries(object).map(([key, inside]) => [key, rewrittenAt(key, inside, expr)] as const);
  const result = Object.fromEntries(entries);
  return object.id === "byName" ? { ...result, options: columnName(object.options) } : result;
}

function rewrittenAt(key: string, value: Json | undefined, expr: Json | undefined): Json {
  if (typeof value === "string") {
    if (key === "expr") return pushedExpression(value);
    if (key === "legendFormat") return pushedLegend(value, metricsIn(String(expr)));
    if (key === "url") return pushedAddress(value);
    if (key === "query" || key === "definition") return pushedLabelValues(value);
    return value;
  }
  if (/^(excludeByName|indexByName|renameByName)$/.test(key)) return withColumnNames(value);
  return rewritten(value ?? null);
}

function pushedAddress(url: string): string {
  return url
    .replace(addressOfOurs, (uid) => uid + pushedSuffix)
    .replaceAll(labelOfSeries, (label) => pushedLabel(label, labelled));
}

/** What asks for the values of a variable; another query, such as one of TraceQL, stays. */
function pushedLabelValues(query: string): string {
  const { selector, label } = labelValues.exec(query)?.groups ?? {};
  if (selector === undefined || label === undefined) return query;
  return `label_values(${pushedExpression(selector)}, ${pushedLabel(label, metricsIn(selector))})`;
}

function withColumnNames(value: Json | undefined): Json {
  return Object.fromEntries(Object.entries(value ?? {}).map(([name, inside]) => [columnName(name), inside]));
}

function columnName(name: Json | undefined): string {
  const text = String(name);
  return named.has(text) ? pushedLabel(text, labelled) : text;
}
