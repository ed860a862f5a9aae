import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { stringify } from "yaml";
import { startAlertmanager } from "../support/alertmanager.ts";
import { certificates } from "../support/certificates.ts";
import { startCommand } from "../support/command.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { type Prometheus, startPrometheus } from "../support/prometheus.ts";
import { itWithServers } from "../support/servers.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { closedPort } from "../support/throw-away-server.ts";
import { readShipped, ruleFiles, rules, runbooksFolder } from "./shipped.ts";

/** The rules name series of both kinds of histograms. */
const bothHistograms = { always_scrape_classic_histograms: true };

/** What only the replicas of a fleet have, of which fleet.test.ts asks, and only servers with channels: they tell nobody here. */
const ofOthers = /^healthspan_(?:fleet_(?!size|shard_)|notices_)/;

/** Long enough for programs that share two busy processors with other tests. */
const patient = { timeout: 40_000, interval: 250 };

itWithServers(
  ["prometheus", "prometheus-alertmanager"],
  "the rules work on what Healthspan says, and an alert reaches a webhook and resolves",
  async ({ prometheus: prometheusProgram, "prometheus-alertmanager": alertmanagerProgram }) => {
    let ordersStatus = 503;
    await using target = await startHttpTarget((request, response) => {
      if (request.url === "/orders") response.statusCode = ordersStatus;
      setTimeout(() => response.end("hello"), request.url === "/slow" ? 60 : 0);
    });
    await using secure = await startHttpTarget((_, response) => response.end("hello"), certificates.server);
    await using healthspan = await serveChecks(target.origin, secure.origin);
    const received: Notification[] = [];
    await using webhook = await startHttpTarget((_, response) => {
      received.push(JSON.parse(webhook.requests.at(-1)?.body ?? "{}"));
      response.end();
    });
    await using alertmanager = await startAlertmanager(alertmanagerProgram, impatientAlertmanager(webhook.origin));
    await using files = await temporaryFolder(impatientRules());
    const configuration = {
      global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
      rule_files: [join(files.path, "*.yaml")],
      scrape_configs: [
        { job_name: "healthspan", ...bothHistograms, static_configs: [{ targets: [healthspan.address] }] },
        {
          job_name: "healthspan-regions",
          ...bothHistograms,
          static_configs: ["eu", "us", "ap"].map((region) => ({ targets: [healthspan.address], labels: { region } })),
        },
      ],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager.address] }] }] },
    };
    await using prometheus = await startPrometheus(prometheusProgram, configuration, ["native-histograms"]);

    const told = (status: string, alertname: string, labels: Record<string, string>) =>
      vi.waitFor(() => {
        const alerts = received.flatMap(({ receiver, alerts }) => alerts.map((alert) => ({ receiver, ...alert })));
        expect(alerts).toContainEqual(
          expect.objectContaining({ status, labels: expect.objectContaining({ alertname, ...labels }) }),
        );
        return alerts.find((alert) => alert.status === status && alert.labels.alertname === alertname);
      }, patient);

    const failing = await told("firing", "HealthCheckFailing", { job: "healthspan", check: "orders" });
    expect(failing).toMatchObject({
      receiver: "on-call",
      labels: { severity: "critical", type: "http", url: `${target.origin}/orders`, instance: healthspan.address },
      annotations: { summary: "The check orders is failing.", runbook_url: "docs/runbooks/HealthCheckFailing.md" },
    });
    expect(await told("firing", "HealthCheckDegraded", { job: "healthspan", check: "slow" })).toMatchObject({
      receiver: "team",
    });
    expect(await told("firing", "HealthCheckDownInMostRegions", { check: "orders" })).toMatchObject({
      // It may fire when two of the three have been scraped.
      annotations: {
        description: expect.stringMatching(/^orders \(http\) is unhealthy in [23] regions:(?: ap| eu| us){2,3}\.$/),
      },
    });

    await everyRuleIsEvaluated(prometheus);
    await everyMetricExists(prometheus);
    await everyExpressionOfARunbookWorks(prometheus);

    const alerts = await alertmanager.alerts();
    const silent = alerts.find(({ labels }) => labels.alertname === "HealthCheckFailing" && labels.region === "eu");
    expect(silent?.status.inhibitedBy).toHaveLength(1);
    const ofDependant = alerts.filter(({ labels }) => labels.check === "report");
    expect(new Set(ofDependant.map(({ labels }) => labels.alertname))).toEqual(new Set(["HealthCheckSkipped"]));
    const all = received.flatMap(({ alerts: each }) => each);
    expect(all.filter(({ labels }) => labels.check === "report" || labels.check === "well")).toEqual([]);

    ordersStatus = 200;
    await told("resolved", "HealthCheckFailing", { job: "healthspan", check: "orders" });
    await told("resolved", "HealthCheckDownInMostRegions", { check: "orders" });
  },
  150_000,
);

/** A Healthspan with a check in each state, as a process of its own. */
async function serveChecks(origin: string, secureOrigin: string) {
  const folder = await temporaryFolder({
    "healthspan.yaml": stringify({
      service: { name: "shop" },
      fleet: { shard: 0, of: 1 }, // All checks, and the metrics of a fleet.
      defaults: { interval: "1s" },
      checks: {
        well: { type: "http", url: `${origin}/well` },
        secure: { type: "http", url: secureOrigin, ca: certificates.ca },
        slow: { type: "http", url: `${origin}/slow`, maxResponseTime: "20ms" },
        orders: { type: "http", url: `${origin}/orders` },
        report: { type: "disk", maxUsage: "100%", dependsOn: ["orders"] },
      },
    }),
  });
  const port = await closedPort();
  const command = startCommand(["serve", "--host", "127.0.0.1", "--port", String(port)], { cwd: folder.path });
  return {
    address: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      await command[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The shipped rules, but nobody waits: no `for`, all groups every second, and history in seconds instead of days. */
function impatientRules(): Record<string, string> {
  const entries = [...ruleFiles].map(([name, { groups }]) => {
    const impatient = groups.map(({ name: group, rules: patientRules }) => ({
      name: group,
      rules: patientRules.map(({ expr, ...rule }) => {
        const shorter = expr.replaceAll(/\[\w+:\w+\]/g, "[10s:1s]").replaceAll(/ offset \w+/g, "");
        return { ...rule, expr: shorter, ...(rule.alert !== undefined && { for: "0s", keep_firing_for: "0s" }) };
      }),
    }));
    return [name, stringify({ groups: impatient })] as const;
  });
  return Object.fromEntries(entries);
}

/** The shipped configuration, but it notifies at once, and each receiver by a webhook, except nobody. */
function impatientAlertmanager(origin: string): object {
  const { receivers, route, ...shipped } = readShipped<AlertmanagerConfiguration>("alertmanager.yml");
  return {
    ...shipped,
    route: { ...route, group_wait: "1s", group_interval: "1s" },
    receivers: receivers.map(({ name }) =>
      name === "nobody" ? { name } : { name, webhook_configs: [{ url: `${origin}/${name}` }] },
    ),
  };
}

async function everyRuleIsEvaluated(prometheus: Prometheus): Promise<void> {
  const { groups } = (await prometheus.ask("rules")) as EvaluatedRules; // As documented.
  const evaluated = groups.flatMap((group) => group.rules);
  expect(evaluated.filter(({ health }) => health !== "ok")).toEqual([]);
  expect(evaluated).toHaveLength(rules.length);
  for (const { expr } of rules) {
    const { resultType } = (await prometheus.ask(`query?query=${encodeURIComponent(expr)}`)) as QueryData; // As documented.
    expect(resultType, expr).toBe("vector");
  }
}

async function everyMetricExists(prometheus: Prometheus): Promise<void> {
  const named = new Set<string>(rules.flatMap(({ record }) => record ?? []));
  for (const { expr } of rules) for (const name of await metricsOf(prometheus, expr)) named.add(name);
  for (const name of named) if (ofOthers.test(name)) named.delete(name);
  await vi.waitFor(async () => {
    const present = new Set((await prometheus.ask("label/__name__/values")) as string[]); // As documented.
    expect([...named].filter((name) => !present.has(name))).toEqual([]);
  }, patient);
  expect(named.size).toBeGreaterThan(40);
}

async function everyExpressionOfARunbookWorks(prometheus: Prometheus): Promise<void> {
  const present = new Set((await prometheus.ask("label/__name__/values")) as string[]); // As documented.
  for (const page of readdirSync(runbooksFolder)) {
    const text = readFileSync(join(runbooksFolder, page), "utf8");
    const expressions = [...text.matchAll(/^```promql\n(.*?)^```$/gms)].map(([, expression = ""]) => expression);
    expect(expressions.length, page).toBeGreaterThan(0);
    for (const expression of expressions) {
      await prometheus.query(expression);
      const names = (await metricsOf(prometheus, expression)).filter((name) => !ofOthers.test(name));
      for (const name of names) expect([...present], page).toContain(name);
    }
  }
}

/** The metrics that an expression names. */
async function metricsOf(prometheus: Prometheus, expression: string): Promise<readonly string[]> {
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if ("type" in node && /^(vector|matrix)Selector$/.test(String(node.type)) && "name" in node && node.name !== "") {
      names.add(String(node.name));
    }
    for (const child of Object.values(node)) visit(child);
  };
  visit(await prometheus.ask(`parse_query?query=${encodeURIComponent(expression)}`));
  return [...names];
}

interface AlertmanagerConfiguration {
  readonly route: object;
  readonly receivers: readonly { readonly name: string }[];
}

interface Notification {
  readonly receiver: string;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

interface EvaluatedRules {
  readonly groups: readonly { readonly rules: readonly { readonly name: string; readonly health: string }[] }[];
}

interface QueryData {
  readonly resultType: string;
}
