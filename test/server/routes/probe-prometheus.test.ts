import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { parse, stringify } from "yaml";
import { loadConfiguration } from "../../../src/config/load.ts";
import { startCommand } from "../../support/command.ts";
import { startHttpTarget } from "../../support/http-target.ts";
import { startPrometheus } from "../../support/prometheus.ts";
import { itWithServers } from "../../support/servers.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { startTcpServer } from "../../support/throw-away-server.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/probing.md"), "utf8");
const [configuration = "", scraping = ""] = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, example]) => example);

describe("docs/probing.md", () => {
  it("shows a configuration that is valid", async () => {
    await using folder = await temporaryFolder({ "healthspan.yaml": configuration });
    const { probing } = await loadConfiguration({ cwd: folder.path, environment: {} });
    expect([...(probing?.checks.keys() ?? [])]).toEqual(["web", "smtp"]);
  });

  itWithServers(["promtool"], "shows a configuration of Prometheus that is valid", async ({ promtool }) => {
    await using folder = await temporaryFolder({ "prometheus.yml": scraping });
    const { stdout } = await promisify(execFile)(promtool, ["check", "config", join(folder.path, "prometheus.yml")]);
    expect(stdout).toContain("SUCCESS");
  });

  itWithServers(
    ["prometheus"],
    "shows how Prometheus has many targets probed",
    async ({ prometheus: program }) => {
      await using well = await startHttpTarget((_request, response) => void response.end());
      await using ill = await startHttpTarget((_request, response) => void response.writeHead(503).end());
      await using silent = await startTcpServer();
      await using server = await serve({
        ...parse(configuration),
        checks: {
          web: { type: "http", url: "http://own.invalid/healthz", interval: "0s", timeout: "30s" },
          smtp: parse(configuration).checks.smtp,
        },
        probe: { ...parse(configuration).probe, networks: ["127.0.0.1"] },
      });

      const { scrape_configs: jobs } = parse(scraping);
      const [job] = jobs;
      job.scrape_timeout = "1s";
      job.static_configs[0].targets = [
        `127.0.0.1:${well.port}`,
        `${well.origin}/ready`,
        `127.0.0.1:${ill.port}`,
        `127.0.0.1:${silent.port}`,
        "127.0.0.2:80",
      ];
      job.relabel_configs.at(-1).replacement = `127.0.0.1:${server.port}`;
      await using prometheus = await startPrometheus(program, {
        global: { scrape_interval: "1s" },
        ...parse(scraping),
        scrape_configs: jobs,
      });

      await vi.waitFor(async () => expect(await prometheus.query('up{job="shop-web"} == 1')).toHaveLength(4), {
        timeout: 25_000,
        interval: 200,
      });
      const success = await prometheus.query("probe_success");
      expect(Object.fromEntries(success.map(({ metric, value }) => [metric.instance, value]))).toEqual({
        [`127.0.0.1:${well.port}`]: "1",
        [`${well.origin}/ready`]: "1",
        [`127.0.0.1:${ill.port}`]: "0",
        // Answered before Prometheus gives up, who would know nothing else.
        [`127.0.0.1:${silent.port}`]: "0",
      });
      // The forbidden one is down, since no probe took place.
      expect(await prometheus.query("up == 0")).toMatchObject([{ metric: { instance: "127.0.0.2:80" } }]);
      expect(await prometheus.query(`health_check_status{url="${well.origin}/healthz"}`)).toMatchObject([
        { metric: { check: "web", type: "http", instance: `127.0.0.1:${well.port}` }, value: "1" },
      ]);
      expect(new Set(well.requests.map(({ url }) => url))).toEqual(new Set(["/healthz", "/ready"]));
      const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
      expect(metrics).toMatch(/^healthspan_probes_total\{state="healthy"\} [1-9]/m);
      expect(metrics).toMatch(/^healthspan_probes_refused_total\{reason="target"\} [1-9]/m);
      expect(metrics).not.toContain(String(well.port));
    },
    60_000,
  );
});

/** The server itself, as a process of its own. */
async function serve(values: object) {
  const folder = await temporaryFolder({ "healthspan.yaml": stringify(values) });
  const command = startCommand(["serve", "--host", "127.0.0.1", "--port", "0"], { cwd: folder.path });
  const port = await vi.waitFor(
    () => {
      const listening = /"url":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(command.printed().stderr)?.[1];
      if (listening === undefined) throw new Error(`it does not listen: ${command.printed().stderr}`);
      return Number(listening);
    },
    { timeout: 20_000, interval: 20 },
  );
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      await command[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
