import { join } from "node:path";
import { describe, expect, vi } from "vitest";
import { stringify } from "yaml";
import { expressionsOf, readDashboards } from "../grafana/dashboard-file.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { startPrometheus } from "../support/prometheus.ts";
import { startServe } from "../support/serve-command.ts";
import { itWithServers } from "../support/servers.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { closedPort } from "../support/throw-away-server.ts";
import { rules } from "./shipped.ts";

const histograms = /\b(?:health_check_duration|healthspan_scheduler_lag|healthspan_event_loop_delay)_seconds/;

/** What Grafana puts in the place of its variables; of all others, everything. */
const variables: Readonly<Record<string, string>> = { __range: "1h", __rate_interval: "4s", check: "down" };

describe("a Prometheus that has native histograms alone", () => {
  itWithServers(
    ["prometheus"],
    "has data for every panel and every rule that reads durations",
    async ({ prometheus: program }) => {
      await using target = await startHttpTarget((_, response) => void response.end());
      await using folder = await temporaryFolder({
        "healthspan.yaml": stringify({
          defaults: { interval: "200ms" },
          checks: {
            well: { type: "http", url: target.origin },
            down: { type: "tcp", host: "127.0.0.1", port: await closedPort() },
          },
          telemetry: { metrics: { histogram: "native" } },
        }),
      });
      await using server = await startServe(folder.path, [join(folder.path, "healthspan.yaml")]);
      const configuration = {
        global: { scrape_interval: "1s", scrape_timeout: "1s" },
        scrape_configs: [{ job_name: "healthspan", static_configs: [{ targets: [new URL(server.url).host] }] }],
      };
      await using prometheus = await startPrometheus(program, configuration, ["native-histograms"]);
      const scraped = "min(count_over_time(health_check_state[1m])) >= 4";
      await vi.waitFor(async () => expect(await prometheus.query(scraped)).toHaveLength(1), {
        timeout: 30_000,
        interval: 200,
      });
      expect(await prometheus.query("health_check_duration_seconds_count")).toEqual([]);

      const panels = (await readDashboards())
        .flatMap(expressionsOf)
        .filter((expression) => histograms.test(expression));
      expect(panels.length).toBeGreaterThan(8);
      for (const expression of panels) {
        const asked = expression.replaceAll(/\$(\w+)/g, (_, name: string) => variables[name] ?? ".*");
        expect(await prometheus.query(asked), expression).not.toEqual([]);
      }
      const recorded = rules.filter(({ expr, record }) => record !== undefined && histograms.test(expr));
      for (const { expr } of recorded.filter(({ expr }) => !expr.includes("check:"))) {
        const found = await prometheus.query(expr.replaceAll("[5m]", "[4s]"));
        expect(
          found.map(({ metric }) => metric.check),
          expr,
        ).toContain("well");
      }
      expect(recorded.length).toBeGreaterThan(3);
    },
    60_000,
  );
});
