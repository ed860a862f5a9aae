import { describe, expect, vi } from "vitest";
import { type Prometheus, startPrometheus } from "../support/prometheus.ts";
import { itWithServers } from "../support/servers.ts";
import { expressionsOf, panelsOf, readDashboards } from "./dashboard-file.ts";
import { isOfOthers, startFaulty, startFresh, substituted } from "./watched-systems.ts";

/** Panels that a fresh system has nothing to show in, which they say in words. */
const saysInWords = ["Not healthy now, and why"];

describe("the panels, asked of the real Prometheus", () => {
  itWithServers(
    ["prometheus"],
    "have data about every metric they name, and on a fresh system",
    async ({ prometheus: program }) => {
      const dashboards = await readDashboards();
      await using faulty = await startFaulty();
      await using fresh = await startFresh();
      const bothHistograms = { always_scrape_classic_histograms: true };
      const configuration = {
        global: { scrape_interval: "1s", scrape_timeout: "1s" },
        scrape_configs: [faulty, fresh].map(({ job, port }) => ({
          job_name: job,
          static_configs: [{ targets: [`127.0.0.1:${port}`] }],
          ...bothHistograms,
        })),
      };
      await using prometheus = await startPrometheus(program, configuration, ["native-histograms"]);
      const scraped = 'min(count_over_time(health_check_state{job=~"faulty|fresh"}[1m])) >= 4';
      await vi.waitFor(async () => expect(await prometheus.query(scraped)).toHaveLength(1), {
        timeout: 30_000,
        interval: 200,
      });

      const named = new Set<string>();
      for (const expression of dashboards.flatMap(expressionsOf)) {
        for (const selector of await selectorsIn(prometheus, substituted(expression, "faulty", ".+"))) {
          named.add(selector.split("{")[0] ?? "");
        }
      }
      expect(named.size).toBeGreaterThan(15);
      for (const name of named)
        if (!name.startsWith("healthspan_fleet_") && name !== "healthspan_notices_total")
          expect(await prometheus.query(`${name}{job="faulty"}`), name).not.toEqual([]);

      for (const dashboard of dashboards) {
        for (const { title, targets } of panelsOf(dashboard)) {
          for (const { expr } of targets) {
            if (expr === undefined || isOfOthers(title)) continue;
            const where = `${dashboard.title}, ${title}: ${expr}`;
            const ofSome = ["down", "memory"].map((check) => prometheus.query(substituted(expr, "faulty", check)));
            expect((await Promise.all(ofSome)).flat(), where).not.toEqual([]);
            await prometheus.query(substituted(expr, "faulty|fresh", ".+")); // Both have a check of the same name.
            if (saysInWords.includes(title)) continue;
            const found = await prometheus.query(substituted(expr, "fresh", "memory"));
            expect(found, `on a fresh system, ${where}`).not.toEqual([]);
          }
        }
      }

      const withExemplars = dashboards
        .flatMap(panelsOf)
        .flatMap(({ targets }) => targets.flatMap(({ expr, exemplar }) => (exemplar === true ? (expr ?? []) : [])));
      expect(withExemplars).toHaveLength(2);
      for (const expression of withExemplars) {
        const found = await exemplarsOf(prometheus, substituted(expression, "faulty", "down"));
        expect(found, expression).not.toEqual([]);
        for (const labels of found) expect(labels.trace_id, expression).toMatch(/^[0-9a-f]{32}$/);
      }

      const failing = panelsOf(dashboards.find(({ uid }) => uid === "healthspan-overview"))
        .find(({ title }) => title === "Not healthy now, and why")
        ?.targets.map(({ expr }) => expr ?? "");
      const rows = await prometheus.query(substituted(failing?.[0] ?? "", "faulty", ".+"));
      expect(
        rows.map(({ metric: { check, state, error_type } }) => `${check}: ${state}, ${error_type}`).sort(),
      ).toEqual([
        "dependant: skipped, none in this range",
        "disk: degraded, threshold",
        "down: unhealthy, connection_refused",
        "slow: unhealthy, timeout",
      ]);

      for (const { definition } of dashboards.flatMap(({ templating }) => templating.list)) {
        if (definition === undefined || /(region|fleet)\)/.test(definition)) continue;
        const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
        const values = await prometheus.query(`count by (${label}) (${substituted(selector ?? "", "fresh", ".+")})`);
        expect(
          values.map(({ metric }) => metric[label ?? ""]),
          definition,
        ).not.toContain(undefined);
        expect(values, definition).not.toEqual([]);
      }
    },
    60_000,
  );
});

/** What an expression reads, as Prometheus understands it. */
async function selectorsIn(prometheus: Prometheus, expression: string): Promise<string[]> {
  const tree = JSON.stringify(await prometheus.ask(`parse_query?query=${encodeURIComponent(expression)}`));
  const names: string[] = [];
  JSON.parse(tree, (key, value) => {
    if (key === "name" && typeof value === "string" && value !== "" && value !== "__name__") names.push(value);
    return value;
  });
  return names.filter((name) => /^(up|target_info|health|scrape)/.test(name));
}

/** The labels of the exemplars that Grafana would draw with an expression. */
async function exemplarsOf(prometheus: Prometheus, expression: string): Promise<Readonly<Record<string, string>>[]> {
  const end = Date.now() / 1000 + 60;
  const path = `query_exemplars?query=${encodeURIComponent(expression)}&start=${end - 660}&end=${end}`;
  // As documented: what exemplars each series has.
  const series = (await prometheus.ask(path)) as { exemplars: { labels: Record<string, string> }[] }[];
  return series.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels));
}
