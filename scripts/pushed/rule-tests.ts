import { isMap, isScalar, isSeq, parseDocument } from "yaml";
import { keptLabels, pushedLabel } from "./labels.ts";
import { metricsIn, pushedExpression } from "./promql.ts";
import { change, mapsIn, metricsOfAlerts, textAt } from "./rules.ts";

/** Those that a rule gives to its alerts itself. */
const labelsOfAlerts: ReadonlySet<unknown> = new Set(["severity", "window"]);

/** What only Prometheus' functions for native histograms tell, which stores of pushed metrics need not have. */
const leftOut: ReadonlySet<string> = new Set(["an alert names the most frequent reason of native histograms"]);

/** A file of prometheus/tests, about the rules of prometheus/pushed and with series as they are pushed. */
export function pushedRuleTests(text: string): string {
  const document = parseDocument(text);
  const tests = document.get("tests");
  if (isSeq(tests)) tests.items = tests.items.filter((test) => !isMap(test) || !leftOut.has(textAt(test, "name")));
  const files = document.get("rule_files");
  for (const file of isSeq(files) ? files.items : []) {
    if (isScalar(file)) file.value = String(file.value).replace("../rules/", "../");
  }
  for (const input of mapsIn(document, "series")) change(input, "series", (series) => pushedSeries(series, []));
  for (const test of mapsIn(document, "exp_samples")) {
    const metrics = metricsIn(textAt(test, "expr"));
    change(test, "expr", (expr) => pushedExpression(expr));
    const samples = test.get("exp_samples");
    for (const sample of isSeq(samples) ? samples.items : []) {
      if (isMap(sample)) change(sample, "labels", (series) => pushedSeries(series, metrics));
    }
  }
  for (const alert of mapsIn(document, "exp_labels")) {
    const labels = alert.get("exp_labels");
    for (const { key } of isMap(labels) ? labels.items : []) {
      if (!isScalar(key) || labelsOfAlerts.has(key.value)) continue;
      key.value = pushedLabel(String(key.value), metricsOfAlerts);
    }
  }
  return document.toString({ lineWidth: 0 });
}

/** A series, which is written like a selector. */
function pushedSeries(series: string, metrics: readonly string[]): string {
  const pushed = pushedExpression(series, metrics);
  const kept = (metricsIn(series)[0] === undefined ? metrics : metricsIn(series))
    .flatMap(keptLabels)
    .flatMap((label) => new RegExp(`\\b${label}="[^"]*"`).exec(series)?.[0] ?? []);
  return kept.length === 0 ? pushed : pushed.replace(/\}$/, `, ${kept.join(", ")}}`);
}
