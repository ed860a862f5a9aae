import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { labelOfAttribute } from "../../src/telemetry/labels.ts";
import { attributeNames } from "../../src/telemetry/names.ts";
import { readDashboards } from "./dashboard-file.ts";

const root = join(import.meta.dirname, "../..");

interface Source {
  readonly uid: string;
  readonly type: string;
  readonly url: string;
  readonly jsonData: {
    readonly timeInterval?: string;
    readonly exemplarTraceIdDestinations?: readonly { readonly name: string; readonly datasourceUid: string }[];
    readonly tracesToMetrics?: { readonly datasourceUid: string; readonly tags: readonly { readonly key: string }[] };
  };
}

interface AlertRule {
  readonly uid: string;
  readonly title: string;
  readonly condition: string;
  readonly data: readonly {
    readonly refId: string;
    readonly datasourceUid: string;
    readonly model: { readonly expr?: string; readonly expression?: string };
  }[];
  readonly for: string;
  readonly keepFiringFor?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface PrometheusAlert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
}

const provisioned = "grafana/provisioning";
const { datasources } = (await read(`${provisioned}/datasources/healthspan.yaml`)) as { datasources: Source[] };
const alerting = (await read(`${provisioned}/alerting/healthspan.yaml`)) as {
  groups: { name: string; folder: string; interval: string; rules: AlertRule[] }[];
};
const rules = alerting.groups.flatMap((group) => group.rules);
const inPrometheus = (await read("prometheus/rules/alerts.yaml")) as { groups: { rules: PrometheusAlert[] }[] };

describe("the data sources", () => {
  it("are of the types that the dashboards choose from", async () => {
    const types = (await readDashboards()).flatMap(({ templating }) =>
      templating.list.filter(({ type }) => type === "datasource").map(({ query }) => query),
    );
    expect(new Set(types)).toEqual(new Set(datasources.map(({ type }) => type)));
  });

  it("lead from an exemplar to its trace, and from a span back to the metrics of its check", () => {
    const [prometheus, tempo] = datasources;
    expect(prometheus?.jsonData.exemplarTraceIdDestinations).toMatchObject([
      { name: "trace_id", datasourceUid: tempo?.uid },
    ]);
    expect(tempo?.jsonData.tracesToMetrics).toMatchObject({
      datasourceUid: prometheus?.uid,
      tags: [{ key: attributeNames.checkName, value: labelOfAttribute(attributeNames.checkName) }],
    });
  });

  it("know how often Prometheus scrapes", async () => {
    const { global } = (await read("prometheus/prometheus.yml")) as { global: { scrape_interval: string } };
    expect(datasources[0]?.jsonData.timeInterval).toBe(global.scrape_interval);
  });
});

describe("the alerts that Grafana manages", () => {
  it("are those of Prometheus, but for the one that only silences others", () => {
    const expected = inPrometheus.groups
      .flatMap((group) => group.rules)
      .filter(({ labels }) => labels.severity !== "none");
    expect(
      rules.map(({ data, labels, ...rule }) => [data[0]?.model.expr, rule.for, rule.keepFiringFor, labels]),
    ).toEqual(expected.map(({ expr, labels, ...rule }) => [expr, rule.for ?? "0s", rule.keep_firing_for, labels]));
    for (const [index, { alert }] of expected.entries()) expect(rules[index]?.title.split(" ")[0]).toBe(alert);
  });

  it("have addresses and titles of their own, as Grafana wants them", () => {
    expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length);
    expect(new Set(rules.map(({ title }) => title)).size).toBe(rules.length);
    for (const { uid } of rules) expect(uid).toMatch(/^[\w-]{1,40}$/);
    for (const { interval } of alerting.groups) expect(interval).toMatch(/^\d+m$/); // A multiple of ten seconds.
  });

  it("ask the provisioned Prometheus, and build each step on the one before", () => {
    for (const { condition, data } of rules) {
      const [query, found, firing] = data;
      expect(query?.datasourceUid).toBe(datasources[0]?.uid);
      expect(found?.model.expression).toContain(`$${query?.refId}`);
      expect(firing?.model.expression).toBe(found?.refId);
      expect(firing?.refId).toBe(condition);
    }
  });

  it("say in their annotations nothing that Grafana cannot fill in", () => {
    for (const { title, annotations } of rules) {
      expect(Object.keys(annotations), title).toEqual(["summary", "description", "runbook_url"]);
      for (const text of Object.values(annotations)) {
        expect(text).not.toMatch(/\| *query\b|"query"|\$value\b|\bquery "/);
        expect(text.match(/\{\{/g)?.length).toBe(text.match(/\}\}/g)?.length);
        const blocks = text.match(/\{\{-? (?:with|range|if)\b/g) ?? [];
        expect(text.match(/\{\{-? end\b/g) ?? []).toHaveLength(blocks.length);
      }
      expect(annotations.description, title).toMatch(/[^:]\.$/);
    }
  });
});

describe("what is provisioned where metrics are pushed", () => {
  it("has the same data sources, but leads from a span to the labels of pushed metrics", async () => {
    const pushed = (await read("grafana/pushed/datasources.yaml")) as { datasources: Source[] };
    expect(pushed.datasources.map(({ uid, type }) => [uid, type])).toEqual(
      datasources.map(({ uid, type }) => [uid, type]),
    );
    const [prometheus, tempo] = pushed.datasources;
    expect(prometheus?.jsonData.timeInterval).toBe("60s"); // What OpenTelemetry's SDKs wait between two pushes.
    expect(tempo?.jsonData.tracesToMetrics).toMatchObject({
      tags: [{ key: attributeNames.checkName, value: "health_check_name" }],
      queries: [
        { query: "max by (job, instance, health_check_name, health_check_state) (health_check_state{$$__tags})" },
        { query: expect.stringContaining("sum by (le) (rate(health_check_duration_seconds_bucket{$$__tags}[5m]))") },
      ],
    });
  });

  it("has the same alerts, on the expressions of prometheus/pushed", async () => {
    const pushed = (await read("grafana/pushed/alerting.yaml")) as typeof alerting;
    const shown = pushed.groups.flatMap((group) => group.rules);
    expect(shown.map(({ uid, labels }) => [uid, labels])).toEqual(rules.map(({ uid, labels }) => [uid, labels]));
    const { groups } = (await read("prometheus/pushed/alerts.yaml")) as typeof inPrometheus;
    const expected = groups.flatMap((group) => group.rules).filter(({ labels }) => labels.severity !== "none");
    expect(shown.map(({ data }) => data[0]?.model.expr)).toEqual(expected.map(({ expr }) => expr));
    for (const { annotations } of shown) expect(Object.values(annotations).join()).not.toMatch(/\| *query\b|\.check\b/);
  });
});

async function read(path: string): Promise<unknown> {
  return parse(await readFile(join(root, path), "utf8"));
}
