import { join } from "node:path";
import { expect, vi } from "vitest";
import { type RuleFile, readShipped, ruleFiles } from "../prometheus/shipped.ts";
import { itWithServers } from "../support/servers.ts";
import { startVictoriaMetrics, type VictoriaMetrics } from "../support/victoria-metrics.ts";
import { panelsOf, pushedFolder, readDashboards } from "./dashboard-file.ts";
import { isOfOthers, startFaulty, startFresh, substituted } from "./watched-systems.ts";

const relabelling = join(import.meta.dirname, "../../prometheus/victoria-metrics.relabel.yml");

/** Panels that a fresh system has nothing to show in, which they say in words. */
const saysInWords = ["Not healthy now, and why"];

itWithServers(
  ["victoria-metrics"],
  "the dashboards and rules for pushed metrics find data in VictoriaMetrics",
  async (paths) => {
    const options = [`-relabelConfig=${relabelling}`];
    await using store = await startVictoriaMetrics(paths["victoria-metrics"], options);
    const pushing = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: store.metricsEndpoint, OTEL_METRIC_EXPORT_INTERVAL: "1000" };
    await using _faulty = await startFaulty(pushing);
    await using _fresh = await startFresh(pushing);
    await everyPanelHasData(store);
    await everyRuleIsUnderstood(store);
  },
  90_000,
);

/** Asks for what every panel shows, of two systems, as Grafana does. */
async function everyPanelHasData({ query }: VictoriaMetrics): Promise<void> {
  const arrived = 'min(count_over_time(health_check_state{job=~"faulty|fresh"}[1m])) >= 4';
  const patient = { timeout: 40_000, interval: 300 };
  await vi.waitFor(async () => {
    expect(await query('count(count by (job) (health_check_state{job=~"faulty|fresh"})) == 2')).toHaveLength(1);
    expect(await query(arrived)).toHaveLength(1);
  }, patient);
  const dashboards = await readDashboards(pushedFolder);
  for (const dashboard of dashboards) {
    for (const { title, targets } of panelsOf(dashboard)) {
      for (const { expr } of targets) {
        if (expr === undefined || isOfOthers(title)) continue;
        const where = `${dashboard.title}, ${title}: ${expr}`;
        const ofSome = ["down", "memory"].map((check) => query(substituted(expr, "faulty", check)));
        expect((await Promise.all(ofSome)).flat(), where).not.toEqual([]);
        await query(substituted(expr, "faulty|fresh", ".+")); // Both have a check of the same name.
        if (saysInWords.includes(title)) continue;
        expect(await query(substituted(expr, "fresh", "memory")), `on a fresh system, ${where}`).not.toEqual([]);
      }
    }
  }

  const overview = panelsOf(dashboards.find(({ uid }) => uid === "healthspan-overview-pushed"));
  const [failing] = overview.find(({ title }) => title === "Not healthy now, and why")?.targets ?? [];
  const rows = await query(substituted(failing?.expr ?? "", "faulty", ".+"));
  expect(
    rows.map(({ metric }) => `${metric.health_check_name}: ${metric.health_check_state}, ${metric.error_type}`).sort(),
  ).toEqual([
    "dependant: skipped, none in this range",
    "disk: degraded, threshold",
    "down: unhealthy, connection_refused",
    "slow: unhealthy, timeout",
  ]);

  for (const { definition } of dashboards.flatMap(({ templating }) => templating.list)) {
    if (definition === undefined || /(region|fleet_name)\)$/.test(definition)) continue;
    const { selector = "", label = "" } =
      /^label_values\((?<selector>.+), (?<label>\w+)\)$/.exec(definition)?.groups ?? {};
    const values = await query(`count by (${label}) (${substituted(selector, "fresh", ".+")})`);
    expect(
      values.map(({ metric }) => metric[label] ?? ""),
      definition,
    ).not.toContain("");
    expect(values, definition).not.toEqual([]);
  }
}

/** Asks for what every rule finds; what does not build on another rule's result finds the checks. */
async function everyRuleIsUnderstood({ query }: VictoriaMetrics): Promise<void> {
  const rules = [...ruleFiles.keys()].flatMap((name) => readShipped<RuleFile>(`pushed/${name}`).groups);
  for (const { alert, expr, record = "" } of rules.flatMap((group) => group.rules)) {
    const found = await query(expr);
    if (alert !== undefined || expr.includes("check:") || /certificate|ssl|overall/.test(expr)) continue;
    expect(
      found.map(({ metric }) => metric.health_check_name),
      record,
    ).toContain("memory");
  }
}
