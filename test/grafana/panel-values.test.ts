import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { metricsIn, pushedExpression } from "../../scripts/pushed/promql.ts";
import { pushedLegend } from "../../scripts/pushed/template.ts";
import { itWithServers } from "../support/servers.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type DashboardFile, panelsOf, pushedFolder, readDashboards } from "./dashboard-file.ts";
import { chosen, evaluatedAt, inputSeries } from "./panel-data.ts";
import { movedPanelValues, type PanelValues, panelValues, pushedPanelValues } from "./panel-values.ts";

const run = promisify(execFile);

/** How metrics get into the store: what dashboards, values and labels are there. */
interface Way {
  readonly dashboards: readonly DashboardFile[];
  readonly suffix: string;
  readonly values: Readonly<Record<string, Readonly<Record<string, PanelValues>>>>;
  /** Labels of a series, or of what an expression finds. */
  labels(written: string, expression?: string): string;
  legend(written: string, expression: string): string;
}

const scraped: Way = {
  dashboards: await readDashboards(),
  suffix: "",
  values: panelValues,
  labels: (written) => written,
  legend: (written) => written,
};
const pushed: Way = {
  dashboards: await readDashboards(pushedFolder),
  suffix: "-pushed",
  values: pushedPanelValues,
  labels: (written, expression = "") => pushedExpression(written, metricsIn(expression)),
  legend: (written, expression) => pushedLegend(written, metricsIn(expression)),
};
const cases = [scraped, pushed].flatMap((way) => way.dashboards.map((dashboard) => ({ ...dashboard, dashboard, way })));

/** The labels that the variables of each dashboard choose by. */
const chosenBy = {
  "healthspan-overview": ["job", "instance", "region", "type", "check", "endpoint"],
  "healthspan-check": ["job", "instance", "region", "check"],
  "healthspan-itself": ["job", "instance", "region"],
} as const;

/** The panels that ask Prometheus; the others ask Tempo. */
function asking(dashboard: DashboardFile) {
  return panelsOf(dashboard).filter(({ targets }) => targets.some(({ expr }) => expr !== undefined));
}

describe.each(cases)("the panels of $uid", ({ uid, dashboard, way }) => {
  const scrapedUid = uid.slice(0, uid.length - way.suffix.length);
  const expected = way.values[scrapedUid] ?? {};

  it("are all in the table, with their units and legends", () => {
    const shown = asking(dashboard).map(({ title, fieldConfig, targets }) => {
      return [title, fieldConfig.defaults.unit, ...targets.map(({ legendFormat }) => legendFormat)];
    });
    const known = Object.entries(expected).map(([title, { unit, queries }]) => {
      const { targets = [] } = asking(dashboard).find((panel) => panel.title === title) ?? {};
      return [title, unit, ...queries.map(({ legend }, index) => way.legend(legend, targets[index]?.expr ?? ""))];
    });
    expect(shown).toEqual(known);
  });

  itWithServers(["promtool"], "show what the data says, and nothing of other data", async ({ promtool }) => {
    await showWhat(promtool, dashboard, way, expected, chosenBy[scrapedUid as keyof typeof chosenBy]); // It is one of them.
  });
});

describe.each(cases.filter(({ uid }) => uid.startsWith("healthspan-check")))(
  "the panels of $uid",
  ({ dashboard, way }) => {
    itWithServers(["promtool"], "show a check that has moved to another replica as one", async ({ promtool }) => {
      await showWhat(promtool, dashboard, way, movedPanelValues, [], { check: "payments" });
    });
  },
);

/** Asks for what the panels that are expected show. */
async function showWhat(
  promtool: string,
  dashboard: DashboardFile,
  way: Way,
  expected: Readonly<Record<string, PanelValues>>,
  labels: Parameters<typeof inputSeries>[0],
  instead: Readonly<Record<string, string>> = {},
): Promise<void> {
  const panels = asking(dashboard).filter(({ title }) => title in expected);
  expect(panels).toHaveLength(Object.keys(expected).length);
  const tested = panels.flatMap(({ title, targets }) => {
    return targets.map(({ expr = "" }, index) => {
      const values = expected[title]?.queries[index]?.values ?? {};
      const asked = substituted(expr, { ...chosen, ...instead });
      return {
        expr: `round(100000 * (${asked}))`,
        eval_time: evaluatedAt,
        exp_samples: Object.entries(values).map(([written, value]) => ({
          labels: way.labels(written, asked),
          value: rounded(value),
        })),
      };
    });
  });
  const series = inputSeries(labels).map((input) => ({ ...input, series: way.labels(input.series) }));
  const tests = [{ interval: "15s", input_series: series, promql_expr_test: tested }];
  await using folder = await temporaryFolder({ "values.json": JSON.stringify({ rule_files: [], tests }) });
  const testing = run(promtool, ["test", "rules", join(folder.path, "values.json")]);
  const said = await testing.catch(({ stdout, stderr }: Said) => ({ stdout, stderr }));
  expect(said.stderr).toBe("");
  expect(said.stdout).toContain("SUCCESS");
}

interface Said {
  readonly stdout: string;
  readonly stderr: string;
}

/** Hundred-thousandths, as the query gives them: promtool compares digit by digit. */
function rounded(value: number): number {
  return Math.floor(value * 100_000 + 0.5);
}

/** An expression as Grafana would send it. */
function substituted(expression: string, values: Readonly<Record<string, string>>): string {
  return expression.replaceAll(/\$([a-z_]\w*)/gi, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the data has no value of the variable ${name}`);
    return value;
  });
}
