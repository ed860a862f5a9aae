import { type Document, isMap, isScalar, parseDocument, visit, type YAMLMap } from "yaml";
import { keptLabels, pushedLabel } from "./labels.ts";
import { pushedExpression } from "./promql.ts";
import { pushedTemplate } from "./template.ts";

/** Those whose labels alerts have. */
export const metricsOfAlerts = ["health_check_status", "healthspan_notices_total"];
const selectorInProse = /[a-z_:]+\{[^{}]*\}/g;

/** What an instance says of itself as long as it pushes. */
const heard = "healthspan_config_last_reload_successful";

/** Alerts that differ where nothing is scraped: there is no `up`, and an instance that starts anew may have another name. */
const replacements: Readonly<Record<string, { readonly expr: string; readonly description: string }>> = {
  HealthspanDown: {
    expr: `(
  max by (job) (last_over_time(${heard}[1h]))
    unless max by (job) (last_over_time(${heard}[3m]))
)
  or absent(last_over_time(${heard}[1h]))
`,
    description:
      "Healthspan{{ with $labels.job }} (job {{ . }}){{ end }} has pushed no metrics for five minutes. Its checks are not being monitored.",
  },
};

/** A file of prometheus/rules for a store that takes the pushed metrics. */
export function pushedRules(text: string): string {
  const document = parseDocument(text);
  for (const rule of mapsIn(document, "expr")) {
    const replacement = replacements[textAt(rule, "alert")];
    change(rule, "expr", (expr) => replacement?.expr ?? withKeptLabels(pushedExpression(expr), textAt(rule, "record")));
    const annotations = rule.get("annotations");
    if (!isMap(annotations)) continue;
    for (const name of ["summary", "description"]) {
      change(annotations, name, (template) => pushedTemplate(template, metricsOfAlerts));
    }
    if (replacement !== undefined) annotations.set("description", replacement.description);
  }
  visit(document, {
    Node: (_, node) => {
      if (typeof node.commentBefore === "string") node.commentBefore = pushedProse(node.commentBefore);
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** What other exporters' dashboards know a label as, added to what a rule finds for them. */
function withKeptLabels(expression: string, record: string): string {
  return keptLabels(record).reduce(
    (found, label) =>
      `label_replace(\n${found.trimEnd()},\n"${label}", "$1", "${pushedLabel(label, [record])}", "(.+)")\n`,
    expression,
  );
}

function pushedProse(comment: string): string {
  return comment.replaceAll(selectorInProse, (selector) => pushedExpression(selector));
}

/** Every map of the document that has the key. */
export function mapsIn(document: Document, key: string): readonly YAMLMap[] {
  const maps: YAMLMap[] = [];
  visit(document, { Map: (_, map) => void (map.has(key) && maps.push(map)) });
  return maps;
}

/** A text of a map; empty when there is none. */
export function textAt(map: YAMLMap, key: string): string {
  const value = map.get(key);
  return typeof value === "string" ? value : "";
}

/** Changes a text where there is one; how it is written in YAML stays. */
export function change(map: YAMLMap, key: string, by: (text: string) => string): void {
  const node = map.get(key, true);
  if (isScalar(node) && typeof node.value === "string") node.value = by(node.value);
}
