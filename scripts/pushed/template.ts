import { pushedLabel } from "./labels.ts";
import { pushedExpression } from "./promql.ts";

const action = /\{\{.*?\}\}/gs;
/** A text in quotation marks, with escapes, or a chain of fields such as `$labels.check` and `.Labels.region`. */
const token = /"(?:[^"\\]|\\.)*"|(?<=(?:\$labels|\.Labels)\.)\w+/g;
const labelFunction = /\b(?:label|sortByLabel)\s+$/;
const queryFunction = /\bquery\b/;

/**
 * A template of Prometheus' alerts (Go's text/template) with the labels as they are pushed: in `$labels`, after `label` and
 * `sortByLabel`, and in the PromQL that is handed to `query`.
 * @param metrics whose labels the alert has
 */
export function pushedTemplate(template: string, metrics: readonly string[]): string {
  return template.replaceAll(action, (inside) =>
    inside.replaceAll(token, (found, offset: number) => {
      if (!found.startsWith('"')) return pushedLabel(found, metrics);
      const text: string = JSON.parse(found); // Go's escapes that are used here are also those of JSON.
      if (labelFunction.test(inside.slice(0, offset))) return JSON.stringify(pushedLabel(text, metrics));
      const isFirst = !inside.slice(0, offset).includes('"');
      return isFirst && queryFunction.test(inside) ? JSON.stringify(pushedExpression(text)) : found;
    }),
  );
}

/** The legend of a query of Grafana, with the labels of its series as they are pushed. */
export function pushedLegend(legend: string, metrics: readonly string[]): string {
  return legend.replaceAll(/(?<=\{\{)\w+(?=\}\})/g, (label) => pushedLabel(label, metrics));
}
