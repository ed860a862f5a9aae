import { execFile } from "node:child_process";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { describe, expect, vi } from "vitest";
import { z } from "zod";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import { healthCheck } from "../../src/health/health-check.ts";
import { createApplication } from "../../src/server/application.ts";
import { metricsRouter } from "../../src/server/routes/metrics.ts";
import { CheckMetricProducer } from "../../src/telemetry/metrics/check-metric-producer.ts";
import { PrometheusReader } from "../../src/telemetry/open-metrics/prometheus-reader.ts";
import { ask } from "../support/ask.ts";
import { fakeCheck } from "../support/checks.ts";
import { itWithService } from "../support/it-with-service.ts";
import { rememberingLogger } from "../support/logs.ts";
import { startPrometheus } from "../support/prometheus.ts";
import { parse, pythonParser } from "../support/python-parser.ts";
import { itWithServers } from "../support/servers.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { Queue } from "../support/thread-checks.ts";
import { serving } from "./faces.ts";

const oddText = 'a "b" \\ \n} 健康 \u0000 \u001b';

class Odd extends healthCheck({ labels: { what: z.string() } }) {
  override run(): void {}
}

describe("Prometheus", () => {
  itWithServers(
    ["prometheus"],
    "scrapes /metrics and an endpoint, and leads from their histograms to the traces",
    async ({ prometheus: program }) => {
      await using served = await serveChecks();
      const { spans } = await recordTelemetry(() => served.run());
      const target = { static_configs: [{ targets: [`127.0.0.1:${served.port}`] }] };
      await using prometheus = await startPrometheus(program, {
        global: { scrape_interval: "1s", scrape_timeout: "1s" },
        scrape_configs: [
          { job_name: "metrics", ...target },
          { job_name: "endpoint", metrics_path: "/health/", params: { format: ["openmetrics"] }, ...target },
        ],
      });
      await vi.waitFor(async () => expect(await prometheus.query("up == 1")).toHaveLength(2), {
        timeout: 25_000,
        interval: 200,
      });
      expect(await prometheus.query("up == 0")).toEqual([]);

      for (const job of ["metrics", "endpoint"]) {
        const status = await prometheus.query(`health_check_status{job="${job}"}`);
        expect(status.map(({ metric, value }) => [metric.check, metric.type, value]).sort()).toEqual([
          ["broken", "fake-check", "0"],
          ["odd", "odd", "1"],
          ["queue", "queue", "1"],
          ["well", "fake-check", "1"],
        ]);
        expect(status.find(({ metric }) => metric.check === "odd")?.metric.what).toBe(
          oddText.replaceAll(/[\u0000\u001b]/g, "\ufffd"),
        );
        const values = await prometheus.query(`health_check_value{job="${job}"}`);
        expect(values.map(({ metric, value }) => [metric.queue, metric.measure, metric.unit, value])).toEqual(
          expect.arrayContaining([
            ["mail", "depth", "{jobs}", "4"],
            ["mail", "age", "s", "0.5"],
          ]),
        );
        expect(values).toHaveLength(2);
        const counts = `sum by (le) (health_check_duration_seconds_bucket{job="${job}", check="well"})`;
        expect((await prometheus.query(counts)).map(({ metric }) => metric.le)).toEqual(
          expect.arrayContaining(["0.001", "0.25", "1.0", "30.0", "+Inf"]),
        );
        expect(await prometheus.query(`health_check_overall_status{job="${job}"}`)).toMatchObject([{ value: "0" }]);
      }
      expect(await prometheus.query("target_info")).toMatchObject([{ metric: { service_name: expect.any(String) } }]);

      const end = Date.now() / 1000;
      const exemplars = await prometheus.ask(
        `query_exemplars?query=health_check_duration_seconds_bucket&start=${end - 600}&end=${end + 60}`,
      );
      const known = new Set(spans.filter(({ name }) => name.startsWith("check ")).map(({ traceId }) => traceId));
      for (const job of ["metrics", "endpoint"]) {
        const traces = JSON.parse(JSON.stringify(exemplars))
          .filter(({ seriesLabels }: ExemplarSeries) => seriesLabels.job === job)
          .flatMap((series: ExemplarSeries) => series.exemplars.map(({ labels }) => labels.trace_id));
        expect(new Set(traces)).toEqual(known);
      }
      expect(known.size).toBe(4);

      const metadata = await prometheus.ask("targets/metadata?metric=health_check_duration_seconds");
      expect(metadata).toContainEqual(
        expect.objectContaining({ type: "histogram", unit: "seconds", help: "How long the runs of the check took." }),
      );
      expect(served.logger.lines.filter(({ level }) => level === "error")).toMatchObject([]);
    },
    45_000,
  );

  itWithServers(["promtool"], "finds nothing to complain of in the text format", async ({ promtool }) => {
    await using served = await serveChecks();
    await served.run();
    const { text } = await ask(served.port, "/metrics");
    const said = await new Promise<string>((resolve, reject) => {
      const checking = execFile(promtool, ["check", "metrics"], (error, stdout, stderr) => {
        if (error === null) resolve(stdout + stderr);
        else reject(new Error(stdout + stderr, { cause: error }));
      });
      checking.stdin?.end(text);
    });
    expect(said).toBe("");
  });

  itWithService([pythonParser], "has a strict brother for OpenMetrics, which reads both", async () => {
    await using served = await serveChecks();
    await served.run();
    const headers = { Accept: "application/openmetrics-text; version=1.0.0" };
    const metrics = await parse("openmetrics", (await ask(served.port, "/metrics", { headers })).text);
    const endpoint = await parse("openmetrics", (await ask(served.port, "/health/", { headers })).text);
    const names = endpoint.map(({ name }) => name);
    expect(names).toContain("health_check_duration_seconds");
    const labels = { check: "queue", type: "queue", queue: "mail" };
    for (const families of [metrics, endpoint]) {
      expect(families.find(({ name }) => name === "health_check_value")?.samples).toMatchObject([
        { labels: { ...labels, measure: "depth", unit: "{jobs}" }, value: 4 },
        { labels: { ...labels, measure: "age", unit: "s" }, value: 0.5 },
      ]);
    }
    expect(metrics.map(({ name }) => name)).toEqual(expect.arrayContaining([...names, "target"]));
  });
});

interface ExemplarSeries {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>> }[];
}

/** A server of four checks, of which one is broken. */
async function serveChecks() {
  const producer = new CheckMetricProducer();
  const reader = new PrometheusReader({ checks: producer });
  const provider = new MeterProvider({ readers: [reader] });
  const logger = rememberingLogger();
  const broken = fakeCheck({ name: "broken", interval: "1m" }, () => {
    throw new ServiceUnavailable("out of order");
  });
  const checks = [
    fakeCheck({ name: "well", interval: "1m" }),
    new Odd({ name: "odd", interval: "1m", what: oddText }),
    new Queue({ name: "queue", interval: "1m", depth: 4 }),
    broken,
  ];
  const monitor = new HealthMonitor(checks, { observe: producer.observe, logger });
  const server = await serving(createApplication(monitor, { metrics: () => metricsRouter(reader) }).callback());
  return {
    port: server.port,
    logger,
    run: async (): Promise<void> => void (await monitor.report()),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await monitor.close();
      await provider.shutdown();
    },
  };
}
