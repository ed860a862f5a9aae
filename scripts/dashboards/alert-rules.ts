import { parse, stringify } from "yaml";

/** The data source of grafana/provisioning/datasources. */
const datasourceUid = "healthspan-prometheus";

/** Groups of alerts as Prometheus reads them (Prometheus, "Alerting rules"). */
interface PrometheusRules {
  readonly groups: readonly {
    readonly name: string;
    readonly interval?: string;
    readonly rules: readonly PrometheusRule[];
  }[];
}

interface PrometheusRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Alerts of Prometheus as a file that Grafana provisions alerts from.
 * @param text the file of Prometheus' rules
 * @param source where that is in the repository
 * @param script what writes the result
 */
export function alertRules(text: string, source: string, script: string): string {
  const rules: PrometheusRules = parse(text);
  return `# Written by scripts/${script}: the alerts of ${source}, as Grafana-managed ones.\n${stringify(
    { apiVersion: 1, groups: rules.groups.map(grafanaGroup) },
    { lineWidth: 120, aliasDuplicateObjects: false },
  )}`;
}

function grafanaGroup({ name, interval = "1m", rules }: PrometheusRules["groups"][number]) {
  return {
    orgId: 1,
    name,
    folder: "Healthspan alerts",
    interval,
    rules: rules.filter(({ labels }) => !onlySilencesOthers(labels)).map(grafanaRule),
  };
}

/** Alerts of no severity tell Alertmanager which others to keep silent; Grafana's own one would tell people of them. */
function onlySilencesOthers(labels: PrometheusRule["labels"]): boolean {
  return labels.severity === "none";
}

function grafanaRule(rule: PrometheusRule) {
  const { window } = rule.labels;
  return {
    uid: window === undefined ? rule.alert : `${rule.alert}-${window}`,
    title: window === undefined ? rule.alert : `${rule.alert} (${window})`, // Two of one folder may not share it.
    condition: "firing",
    data: [
      {
        refId: "query",
        relativeTimeRange: { from: 600, to: 0 },
        datasourceUid,
        model: { refId: "query", expr: rule.expr, instant: true, range: false },
      },
      // To Prometheus whatever an expression finds is an alert, even 0. To Grafana it is what is not 0.
      expression("found", { type: "math", expression: "is_number($query) || is_nan($query) || is_inf($query)" }),
      expression("firing", {
        type: "threshold",
        expression: "found",
        conditions: [{ type: "query", evaluator: { type: "gt", params: [0] } }],
      }),
    ],
    // An expression that finds nothing says that all is well.
    noDataState: "OK",
    execErrState: "Error",
    for: rule.for ?? "0s",
    ...(rule.keep_firing_for !== undefined && { keepFiringFor: rule.keep_firing_for }),
    missing_series_evals_to_resolve: 1, // What is no longer found is over, as in Prometheus.
    labels: rule.labels,
    annotations: Object.fromEntries(Object.entries(rule.annotations).map(([name, text]) => [name, annotation(text)])),
  };
}

function expression(refId: string, model: Readonly<Record<string, unknown>>) {
  return { refId, datasourceUid: "__expr__", model: { refId, ...model } };
}

/** `{{ with … | query }} … {{ end }}`, without another block in it. */
const blockThatQueries =
  /\{\{-?\s*(?:with|range)\b(?:(?!\}\}).)*\|\s*query\b(?:(?!\}\}).)*\}\}.*?\{\{-?\s*end\s*\}\}/gs;

/**
 * A template as Grafana fills it in: its `$value` is a text about all the steps, so the query's own value is taken; and
 * it cannot query, so that what an annotation asks Prometheus for is left out.
 */
function annotation(text: string): string {
  return text
    .replaceAll(blockThatQueries, "")
    .replaceAll(/\$value\b/g, "$$values.query.Value")
    .replace(/\s*:\s*\.$/, ".")
    .trim();
}
