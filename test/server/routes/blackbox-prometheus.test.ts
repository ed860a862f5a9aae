import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { parse, stringify } from "yaml";
import { loadConfiguration } from "../../../src/config/load.ts";
import { metricTable } from "../../../src/telemetry/metric-table.ts";
import { familyName } from "../../../src/telemetry/open-metrics/family-name.ts";
import { startHttpTarget } from "../../support/http-target.ts";
import { startPrometheus } from "../../support/prometheus.ts";
import { startServe } from "../../support/serve-command.ts";
import { itWithServers } from "../../support/servers.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { closedPort } from "../../support/throw-away-server.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/blackbox-exporter.md"), "utf8");
const [configuration = "", scraping = ""] = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, example]) => example);

describe("docs/blackbox-exporter.md", () => {
  it("shows modules that are valid, all of which can be probed", async () => {
    await using folder = await temporaryFolder({ "healthspan.yaml": configuration });
    const { probing } = await loadConfiguration({ cwd: folder.path, environment: {} });
    expect([...(probing?.checks.keys() ?? [])]).toEqual(Object.keys(parse(configuration).checks));
  });

  it("names each metric that a probe has", () => {
    const names = Object.values(metricTable)
      .filter(({ of }) => of === "probe")
      .map(({ name, unit }) => familyName(name, unit, "gauge").name);
    expect(names.filter((name) => !page.includes(`\`${name}`))).toEqual([]);
  });

  itWithServers(["promtool"], "shows a job that is valid", async ({ promtool }) => {
    await using folder = await temporaryFolder({ "prometheus.yml": scraping });
    const { stdout } = await promisify(execFile)(promtool, ["check", "config", join(folder.path, "prometheus.yml")]);
    expect(stdout).toContain("SUCCESS");
  });

  itWithServers(
    ["prometheus"],
    "shows a job for blackbox_exporter that works as it is, and dashboards find their metrics",
    async ({ prometheus: program }) => {
      await using well = await startHttpTarget((_request, response) => void response.end("well"));
      await using ill = await startHttpTarget((_request, response) => void response.writeHead(503).end());
      const down = `127.0.0.1:${await closedPort()}`;
      const values = parse(configuration);
      values.probe.networks = ["127.0.0.1"];
      await using folder = await temporaryFolder({ "healthspan.yaml": stringify(values) });
      await using server = await startServe(folder.path, ["--host", "127.0.0.1"]);

      const { scrape_configs: jobs } = parse(scraping);
      const [job] = jobs;
      const targets = [`127.0.0.1:${well.port}`, `127.0.0.1:${ill.port}`, down];
      job.static_configs[0].targets = targets;
      job.relabel_configs.at(-1).replacement = new URL(server.url).host;
      await using prometheus = await startPrometheus(program, {
        global: { scrape_interval: "1s", scrape_timeout: "1s" },
        scrape_configs: jobs,
      });
      await vi.waitFor(async () => expect(await prometheus.query("up == 1")).toHaveLength(3), {
        timeout: 25_000,
        interval: 200,
      });
      const byTarget = async (expression: string): Promise<readonly (string | undefined)[]> => {
        const found = await prometheus.query(expression);
        return targets.map((target) => found.find(({ metric }) => metric.instance === target)?.value);
      };
      // As the dashboards 7587 and 13659 of grafana.com ask.
      expect(await byTarget("probe_success")).toEqual(["1", "0", "0"]);
      expect(await byTarget("probe_http_status_code")).toEqual(["200", "503", "0"]);
      expect(await byTarget("probe_http_version")).toEqual(["1.1", "1.1", "0"]);
      expect(await byTarget("probe_http_ssl")).toEqual(["0", "0", "0"]);
      expect(await byTarget("count by (instance) (probe_http_duration_seconds)")).toEqual(["5", "5", "5"]);
      expect(await byTarget("avg by (instance) (probe_dns_lookup_time_seconds)")).toEqual(["0", "0", "0"]);
      const took = await byTarget('probe_http_duration_seconds{phase="processing"} > bool 0');
      expect(took).toEqual(["1", "1", "0"]);
      const reasons = await prometheus.query("probe_failure_info");
      expect(reasons.map(({ metric: { instance, reason } }) => `${instance} ${reason}`).sort()).toEqual(
        [`${targets[1]} status_code`, `${down} connection_refused`].sort(),
      );
    },
    60_000,
  );
});
