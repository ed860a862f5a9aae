import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { stringify } from "yaml";
import { panelsOf, readDashboards } from "../grafana/dashboard-file.ts";
import { isOfFleet, substituted } from "../grafana/watched-systems.ts";
import { startAlertmanager } from "../support/alertmanager.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { type Prometheus, startPrometheus } from "../support/prometheus.ts";
import { redisUrl, runningRedis } from "../support/redis-server.ts";
import { newFleetName } from "../support/replica.ts";
import { startServe } from "../support/serve-command.ts";
import { itWithServers } from "../support/servers.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { ruleFiles, rules, runbooksFolder } from "./shipped.ts";

const names = Array.from({ length: 20 }, (_, index) => `check-${index}`);
const firing = 'ALERTS{alertname="HealthCheckFailing", alertstate="firing"}';

/** Long enough for programs that share two busy processors with other tests. */
const patient = { timeout: 60_000, interval: 500 };

itWithServers(
  ["prometheus", "prometheus-alertmanager"],
  "an alert on a check that a fleet shares is one when a replica joins, and when one is killed",
  async ({ prometheus: prometheusProgram, "prometheus-alertmanager": alertmanagerProgram }) => {
    await using target = await startHttpTarget((_, response) => void response.writeHead(503).end());
    const received: Notification[] = [];
    await using webhook = await startHttpTarget((_, response) => {
      received.push(JSON.parse(webhook.requests.at(-1)?.body ?? "{}"));
      response.end();
    });
    await using alertmanager = await startAlertmanager(alertmanagerProgram, {
      route: { receiver: "all", group_by: ["..."], group_wait: "1s", group_interval: "1s", repeat_interval: "1h" },
      receivers: [{ name: "all", webhook_configs: [{ url: webhook.origin }] }],
    });
    const fleet = newFleetName();
    await using folder = await temporaryFolder({ "healthspan.yaml": configuration(fleet, target.origin) });
    await using first = await startServe(folder.path, ["healthspan.yaml"]);
    await using targets = await temporaryFolder({ "targets.json": targetsOf(first) });
    await using files = await temporaryFolder(rulesThatFireAtOnce());
    await using prometheus = await startPrometheus(prometheusProgram, {
      global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
      rule_files: [join(files.path, "*.yaml")],
      scrape_configs: [
        {
          job_name: "healthspan",
          file_sd_configs: [{ files: [join(targets.path, "targets.json")], refresh_interval: "1s" }],
        },
      ],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager.address] }] }] },
    });
    await vi.waitFor(async () => expect(await numberOf(prometheus, `count(${firing})`)).toBe(names.length), patient);
    const since = performance.now();

    await using second = await startServe(folder.path, ["healthspan.yaml"]);
    await targets.write("targets.json", targetsOf(first, second));
    const shards = (replica: string) => `healthspan_fleet_shards{instance="${replica}"}`;
    await vi.waitFor(async () => {
      expect(await numberOf(prometheus, shards(addressOf(first)))).toBe(128);
      expect(await numberOf(prometheus, shards(addressOf(second)))).toBe(128);
    }, patient);
    await everyFleetMetricExists(prometheus);
    await everyFleetPanelHasData(prometheus);

    first.kill("SIGKILL");
    await first.ended;
    const taken = `count(health_check_state{instance="${addressOf(second)}", fleet="${fleet}", state="unhealthy"} == 1)`;
    await vi.waitFor(async () => {
      expect(await numberOf(prometheus, shards(addressOf(second)))).toBe(256);
      expect(await numberOf(prometheus, taken)).toBe(names.length);
      // What the first showed is gone.
      expect(await prometheus.query(`health_check_state{instance="${addressOf(first)}"}`)).toEqual([]);
    }, patient);

    const seconds = Math.floor((performance.now() - since) / 1000);
    for (const least of ["min", "max"]) {
      expect(await numberOf(prometheus, `${least}_over_time(count(${firing})[${seconds}s:1s])`)).toBe(names.length);
    }
    const activeSince = `max by (check) (max_over_time(ALERTS_FOR_STATE{alertname="HealthCheckFailing"}[${seconds}s])) - min by (check) (min_over_time(ALERTS_FOR_STATE{alertname="HealthCheckFailing"}[${seconds}s]))`;
    expect(await numberOf(prometheus, `max(${activeSince})`)).toBe(0);
    const told = received
      .flatMap(({ alerts }) => alerts)
      .filter(({ labels }) => labels.alertname === "HealthCheckFailing");
    expect(told.map(({ labels: { check }, status }) => `${check} ${status}`).toSorted()).toEqual(
      names.map((name) => `${name} firing`).toSorted(),
    );
    for (const { labels } of told) {
      expect(labels).toMatchObject({ fleet, job: "healthspan" });
      expect(labels).not.toHaveProperty("instance");
    }
  },
  240_000,
  [await runningRedis()],
);

function configuration(name: string, origin: string): string {
  return stringify({
    fleet: { redis: redisUrl, name, lease: "3s" },
    defaults: { interval: "1s" },
    checks: Object.fromEntries(names.map((check) => [check, { type: "http", url: `${origin}/${check}` }])),
  });
}

const addressOf = ({ url }: { readonly url: string }): string => new URL(url).host;

function targetsOf(...replicas: readonly { readonly url: string }[]): string {
  return JSON.stringify([{ targets: replicas.map(addressOf) }]);
}

/** The shipped rules, but no alert waits before it fires. */
function rulesThatFireAtOnce(): Record<string, string> {
  const entries = [...ruleFiles].map(([file, { groups }]) => {
    const immediate = groups.map(({ name, rules: shipped }) => ({
      name,
      rules: shipped.map((rule) => ({ ...rule, ...(rule.alert !== undefined && { for: "0s" }) })),
    }));
    return [file, stringify({ groups: immediate })] as const;
  });
  return Object.fromEntries(entries);
}

/** The value of what is one series; undefined when there is none. */
async function numberOf(prometheus: Prometheus, expression: string): Promise<number | undefined> {
  const found = await prometheus.query(expression);
  expect(found.length, expression).toBeLessThanOrEqual(1);
  return found[0] && Number(found[0].value);
}

/** Those that the rules and the runbooks name. */
async function everyFleetMetricExists(prometheus: Prometheus): Promise<void> {
  const runbooks = readdirSync(runbooksFolder).map((page) => readFileSync(join(runbooksFolder, page), "utf8"));
  const texts = [...rules.map(({ expr }) => expr), ...runbooks];
  const named = new Set(texts.flatMap((text) => text.match(/\bhealthspan_fleet_(?!size|shard_)\w+/g) ?? []));
  expect(named.size).toBeGreaterThanOrEqual(5);
  for (const name of named) expect(await prometheus.query(name), name).toHaveLength(2);
}

async function everyFleetPanelHasData(prometheus: Prometheus): Promise<void> {
  const panels = (await readDashboards()).flatMap(panelsOf).filter(({ title }) => isOfFleet(title));
  expect(panels).toHaveLength(6);
  for (const { title, targets } of panels) {
    for (const { expr = "" } of targets) {
      expect(await prometheus.query(substituted(expr, "healthspan", ".+")), title).not.toEqual([]);
    }
  }
}

interface Notification {
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[];
}
