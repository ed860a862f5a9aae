import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { grafanaFiles } from "../../scripts/generate-dashboards.ts";
import { staleFiles } from "../../scripts/generated-files.ts";
import {
  type DashboardFile,
  dashboardFolder,
  expressionsOf,
  panelsOf,
  pushedFolder,
  readDashboards,
} from "./dashboard-file.ts";

/** Variables that Grafana itself sets. */
const builtIn = new Set(["__range", "__rate_interval", "__url_time_range", "__field", "__data", "__all"]);
const dashboards = await readDashboards();
const pushed = await readDashboards(pushedFolder);

describe("scripts/generate-dashboards.ts", () => {
  it("has written every file as it is now: else run node scripts/generate-dashboards.ts", async () => {
    const files = await grafanaFiles();
    expect(await staleFiles(files)).toEqual([]);
    const written = (await readdir(dashboardFolder)).map((name) => `grafana/dashboards/${name}`);
    expect(written.sort()).toEqual([...files.keys()].filter((path) => path.endsWith(".json")).sort());
  });
});

describe.each([
  ...dashboards.map((dashboard) => [dashboard.uid, dashboard, dashboards, dashboardFolder, ""] as const),
  ...pushed.map((dashboard) => [dashboard.uid, dashboard, pushed, pushedFolder, "-pushed"] as const),
])("the dashboard %s", (uid, dashboard, family, folder, suffix) => {
  it("keeps its address, and no number of a Grafana it came from", async () => {
    const names = ["healthspan-overview", "healthspan-check", "healthspan-itself"].map((name) => name + suffix);
    expect(names).toContain(uid);
    expect(dashboard).not.toHaveProperty("id");
    expect(JSON.parse(await readFile(join(folder, `${uid}.json`), "utf8"))).toEqual(dashboard);
    expect(dashboard).toMatchObject({ title: expect.any(String), description: expect.any(String) });
    expect(dashboard.tags).toEqual(["healthspan"]);
  });

  it("numbers its panels, and lays them out without a gap or an overlap", () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const taken = new Set<string>();
    for (const { title, gridPos } of dashboard.panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (const cell of cellsOf(gridPos)) {
        expect(taken.has(cell), `${title} covers another panel at ${cell}`).toBe(false);
        taken.add(cell);
      }
    }
    const height = Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
    expect(taken.size).toBe(24 * height);
  });

  it("has a title, a description, a unit, thresholds and a word for nothing on each panel", () => {
    const titles = panelsOf(dashboard).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    for (const { title, description, fieldConfig } of panelsOf(dashboard)) {
      expect(title).toMatch(/^[A-Z]/);
      expect(description, title).toMatch(/^[A-Z].*\.$/);
      expect(fieldConfig.defaults.unit, title).toMatch(/^(none|short|s|ops|bytes|percentunit)$/);
      expect(fieldConfig.defaults.noValue, title).toMatch(/\w/);
      expect(fieldConfig.defaults.thresholds.steps[0]?.value, title).toBeNull();
    }
  });

  it("takes its data from sources that the reader chooses", () => {
    const sources = new Map([
      ["prometheus", `\${datasource}`],
      ["tempo", `\${tempo}`],
    ]);
    for (const { title, datasource, targets } of panelsOf(dashboard)) {
      expect(targets.length, title).toBeGreaterThan(0);
      for (const source of [datasource, ...targets.map((target) => target.datasource)]) {
        expect(source.uid, title).toBe(sources.get(source.type));
      }
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
    for (const variable of dashboard.templating.list) {
      if (variable.type === "query") expect(variable.datasource?.uid).toBe(`\${datasource}`);
      if (variable.type === "datasource") expect([...sources.keys()]).toContain(variable.query);
    }
  });

  it("declares every variable that it uses and uses every one that it declares", () => {
    const declared = dashboard.templating.list.map(({ name }) => name);
    const used = variablesIn(JSON.stringify(dashboard)).filter((name) => !builtIn.has(name));
    expect(new Set(used)).toEqual(new Set(declared));
    for (const { name, label, description } of dashboard.templating.list) {
      expect(label, name).toMatch(/^[A-Z]/);
      expect(description, name).toMatch(/^[A-Z].*\.$/);
    }
  });

  it("leads to dashboards that exist, with variables that they have", () => {
    const links = linksIn(dashboard);
    expect(new Set(dashboard.links.map(({ url }) => url))).toEqual(
      new Set(family.filter((other) => other.uid !== uid).map((other) => `/d/${other.uid}`)),
    );
    for (const link of links) {
      const [, target, query = ""] = /^\/d\/([\w-]+)(?:\?(.*))?$/.exec(link) ?? [];
      const found = family.find((other) => other.uid === target);
      expect(found, link).toBeDefined();
      const names = found?.templating.list.map(({ name }) => name);
      for (const [, name] of query.matchAll(/var-(\w+)=/g)) expect(names, link).toContain(name);
    }
  });

  it("asks in PromQL that parses", () => {
    expect(mistakesIn("sum by (check (up)")).not.toEqual([]);
    for (const expression of expressionsOf(dashboard)) expect(mistakesIn(expression), expression).toEqual([]);
  });

  it("tells instances apart, or fleets where these share checks, and can be narrowed to some of them", () => {
    for (const expression of expressionsOf(dashboard)) {
      for (const [selector] of expression.matchAll(/\w+\{[^}]*\}/g)) {
        const fleet = suffix === "" ? "fleet" : "healthspan_fleet_name";
        const places = ['instance=~"$instance"', `${fleet}=~"$fleet"`];
        const matchers = places.map((place) => `{job=~"$job", ${place}, region=~"$region"`);
        expect(matchers.filter((each) => selector.includes(each))).toHaveLength(1);
      }
    }
  });
});

describe("the dashboard healthspan-check", () => {
  const panels = panelsOf(dashboards.find(({ uid }) => uid === "healthspan-check"));

  it("shows exemplars where durations are", () => {
    const withExemplars = panels.filter(({ targets }) => targets.some(({ exemplar }) => exemplar === true));
    expect(withExemplars.map(({ type }) => type)).toEqual(["heatmap", "timeseries"]);
  });

  it("asks Tempo by the attributes that the spans of runs have", async () => {
    const { attributeNames } = await import("../../src/telemetry/names.ts");
    const queries = panels.flatMap(({ targets }) => targets.flatMap(({ query }) => query ?? []));
    expect(queries).toHaveLength(2);
    for (const query of queries) expect(query).toContain(`span.${attributeNames.checkName} = "$check"`);
  });
});

/** Where the grammar of PromQL finds something wrong, as Grafana would send it with a window of five minutes. */
function mistakesIn(expression: string): number[] {
  const issues: number[] = [];
  const text = expression.replaceAll(/\$__\w+/g, "5m").replaceAll("$objective", "0.995");
  parser.parse(text).iterate({
    enter: ({ type, from }) => {
      if (type.isError) issues.push(from);
    },
  });
  return issues;
}

function* cellsOf({ x, y, w, h }: { x: number; y: number; w: number; h: number }): Generator<string> {
  for (let column = x; column < x + w; column += 1) for (let row = y; row < y + h; row += 1) yield `${column},${row}`;
}

/** The names of all variables in a text: `$job`, `${datasource}`, `${__field.labels.job:percentencode}`. */
function variablesIn(text: string): string[] {
  return [...text.matchAll(/\$(?:\{(\w+)[^}]*\}|([a-zA-Z]\w*|__\w+))/g)].map(
    ([, braced, bare]) => braced ?? bare ?? "",
  );
}

function linksIn(dashboard: DashboardFile): string[] {
  const ofPanels = panelsOf(dashboard).flatMap(({ fieldConfig }) => fieldConfig.defaults.links ?? []);
  return [...dashboard.links, ...ofPanels].map(({ url }) => url);
}
