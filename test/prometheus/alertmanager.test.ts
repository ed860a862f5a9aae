import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { startAlertmanager } from "../support/alertmanager.ts";
import { itWithServers } from "../support/servers.ts";
import { alertNames, prometheusFolder, readShipped, rules } from "./shipped.ts";

const run = promisify(execFile);
const path = join(prometheusFolder, "alertmanager.yml");

interface Route {
  readonly matchers?: readonly string[];
  readonly receiver: string;
  readonly repeat_interval?: string;
  readonly routes: readonly Route[];
}

describe("alertmanager.yml", () => {
  itWithServers(["amtool"], "is valid", async ({ amtool }) => {
    const { stdout } = await run(amtool, ["check-config", path]);
    expect(stdout).toContain("SUCCESS");
  });

  itWithServers(["amtool"], "has somebody told of each severity", async ({ amtool }) => {
    const receivers: Record<string, string> = { critical: "on-call", warning: "team", none: "nobody" };
    const severities = new Set(rules.flatMap(({ labels }) => labels?.severity ?? []));
    expect([...severities].sort()).toEqual(Object.keys(receivers).sort());
    for (const severity of severities) {
      const route = ["config", "routes", "test", `--config.file=${path}`, `severity=${severity}`];
      expect((await run(amtool, route)).stdout.trim()).toBe(receivers[severity]);
    }
  });

  it("reminds of what is critical every hour, and of the rest twice a day", () => {
    const { route } = readShipped<{ route: Route }>("alertmanager.yml");
    expect(route.repeat_interval).toBe("12h");
    const critical = route.routes.find(({ matchers }) => `${matchers}` === 'severity="critical"');
    expect(critical).toMatchObject({ receiver: "on-call", repeat_interval: "1h" });
  });

  itWithServers(
    ["prometheus-alertmanager"],
    "keeps silent what a greater alert tells already",
    async ({ "prometheus-alertmanager": program }) => {
      await using alertmanager = await startAlertmanager(program, readShipped("alertmanager.yml"));
      const one = { job: "healthspan", instance: "one:9464" };
      const down = { job: "healthspan", instance: "down:9464" };
      const two = { job: "healthspan", instance: "two:9464" };
      const other = { job: "other", instance: "one:9464" };
      const fired = {
        "the dependency itself": { ...one, alertname: "HealthCheckFailing", check: "database" },
        "what keeps the skipped silent": { ...one, alertname: "HealthCheckSkipped", check: "orders" },
        "a skipped dependant": { ...one, alertname: "HealthCheckErrorBudgetBurn", check: "orders" },
        "another check of a Healthspan that is down": { ...down, alertname: "HealthCheckSlow", check: "shop" },
        "a check of a Healthspan that is down": { ...down, alertname: "HealthCheckStale", check: "orders" },
        "a Healthspan that is down": { ...down, alertname: "HealthspanDown" },
        "the budget of what is down": { ...one, alertname: "HealthCheckErrorBudgetBurn", check: "database" },
        "most regions": { job: "healthspan", alertname: "HealthCheckDownInMostRegions", check: "shop" },
        "one of those regions": { ...one, alertname: "HealthCheckFailing", check: "shop", region: "eu" },
        "a check of that name in another job": { ...other, alertname: "HealthCheckFlapping", check: "shop" },
        "what is down elsewhere and flaps here": { ...two, alertname: "HealthCheckFlapping", check: "database" },
        "what is skipped elsewhere and stale here": { ...two, alertname: "HealthCheckStale", check: "orders" },
        "what keeps the skipped silent, pushed": { ...one, alertname: "HealthCheckSkipped", health_check_name: "mail" },
        "a skipped dependant, pushed": { ...one, alertname: "HealthCheckStale", health_check_name: "mail" },
        "another check, pushed": { ...one, alertname: "HealthCheckStale", health_check_name: "shop" },
        "another check there": { ...one, alertname: "HealthCheckFlapping", check: "mail", region: "eu" },
      };
      for (const { alertname } of Object.values(fired)) expect(alertNames).toContain(alertname);
      await alertmanager.fire(...Object.values(fired));
      const silent = await vi.waitFor(
        async () => {
          const alerts = await alertmanager.alerts();
          expect(alerts).toHaveLength(Object.keys(fired).length);
          expect(alerts.some(({ status }) => status.state === "unprocessed")).toBe(false);
          return alerts.filter(({ status }) => status.inhibitedBy.length > 0).map(({ labels }) => labels);
        },
        { timeout: 10_000 },
      );
      const names = Object.entries(fired).filter(([, labels]) => {
        return silent.some((other) => JSON.stringify(sorted(other)) === JSON.stringify(sorted(labels)));
      });
      expect(names.map(([name]) => name)).toEqual([
        "a skipped dependant",
        "another check of a Healthspan that is down",
        "a check of a Healthspan that is down",
        "the budget of what is down",
        "one of those regions",
        "a skipped dependant, pushed",
      ]);
    },
    30_000,
  );
  itWithServers(
    ["prometheus-alertmanager"],
    "makes one message of the alerts of a check, from all instances, and no other",
    async ({ "prometheus-alertmanager": program }) => {
      await using alertmanager = await startAlertmanager(program, readShipped("alertmanager.yml"));
      const fired = ["one:9464", "two:9464"].flatMap((instance) =>
        ["orders", "database"].map((check) => ({ alertname: "HealthCheckSlow", job: "healthspan", instance, check })),
      );
      await alertmanager.fire(...fired, { alertname: "HealthCheckSlow", job: "other", check: "orders" });
      await vi.waitFor(
        async () => {
          const groups = (await alertmanager.groups()).map(({ labels: { job, check } }) => `${job} ${check}`);
          expect(groups.sort()).toEqual(["healthspan database", "healthspan orders", "other orders"]);
        },
        { timeout: 10_000 },
      );
    },
    30_000,
  );
});

function sorted(labels: Readonly<Record<string, string>>): readonly [string, string][] {
  return Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1));
}
