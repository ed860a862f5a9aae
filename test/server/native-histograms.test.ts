import { setTimeout as wait } from "node:timers/promises";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { describe, expect, vi } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { createApplication } from "../../src/server/application.ts";
import { metricsRouter } from "../../src/server/routes/metrics.ts";
import { CheckMetricProducer } from "../../src/telemetry/metrics/check-metric-producer.ts";
import type { HistogramKind } from "../../src/telemetry/metrics/histogram-shape.ts";
import { durationBounds } from "../../src/telemetry/names.ts";
import { PrometheusReader } from "../../src/telemetry/open-metrics/prometheus-reader.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { startPrometheus } from "../support/prometheus.ts";
import { itWithServers } from "../support/servers.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { serving } from "./faces.ts";

const patient = { timeout: 25_000, interval: 200 };

describe("Prometheus with native histograms", () => {
  itWithServers(
    ["prometheus"],
    "has one series of durations for a check, with quantiles and exemplars",
    async ({ prometheus: program }) => {
      await using served = await serveChecks("both");
      await using classic = await serveChecks("classic");
      const { spans } = await recordTelemetry(() => served.run());
      await using prometheus = await startPrometheus(
        program,
        {
          global: { scrape_interval: "1s", scrape_timeout: "1s" },
          scrape_configs: [
            { job_name: "native", static_configs: [{ targets: [`127.0.0.1:${served.port}`] }] },
            { job_name: "classic", static_configs: [{ targets: [`127.0.0.1:${classic.port}`] }] },
            {
              job_name: "both",
              always_scrape_classic_histograms: true,
              static_configs: [{ targets: [`127.0.0.1:${served.port}`] }],
            },
          ],
        },
        ["native-histograms"],
      );
      await vi.waitFor(async () => expect(await prometheus.query("up == 1")).toHaveLength(3), patient);
      await Promise.all([served.run(), classic.run()]);
      const quantile = (job: string) =>
        prometheus.query(
          `histogram_quantile(0.95, rate(health_check_duration_seconds{check="slow",job="${job}"}[1m]))`,
        );
      for (const job of ["native", "both"]) {
        const [found] = await vi.waitFor(async () => {
          const values = await quantile(job);
          expect(values).toMatchObject([{ metric: { job, check: "slow" }, value: expect.stringMatching(/^0\.0/) }]);
          return values;
        }, patient);
        // Between the bounds of one bucket, which are 9 % apart.
        const [shortest = 0, longest = 0] = served.durations().toSorted((a, b) => a - b);
        expect(Number(found?.value)).toBeGreaterThan(shortest / 1.1);
        expect(Number(found?.value)).toBeLessThan(longest * 1.1);
      }
      expect(await quantile("classic")).toEqual([]);

      // Eleven gauges and a histogram, of which the classic form has 16 series.
      const count = async (job: string) => {
        const [found] = await prometheus.query(`count({job="${job}", check="slow"})`);
        return Number(found?.value);
      };
      await vi.waitFor(async () => {
        expect([await count("native"), await count("classic"), await count("both")]).toEqual([12, 27, 28]);
      }, patient);
      const { headStats } = (await prometheus.ask("status/tsdb")) as { headStats: { numSeries: number } }; // As documented.
      const [all] = await prometheus.query('count({job=~".+"})');
      expect(headStats.numSeries).toBe(Number(all?.value));

      const known = new Map(spans.map((span) => [span.name, span.traceId]));
      expect([...known.keys()]).toEqual(["check slow", "check well"]);
      const tracesOf = async (job: string) => {
        const end = Date.now() / 1000;
        const range = `start=${end - 600}&end=${end + 60}`;
        const found = await prometheus.ask(
          `query_exemplars?query=health_check_duration_seconds{job="${job}"}&${range}`,
        );
        const all = found as readonly ExemplarSeries[]; // As documented.
        return all.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id));
      };
      expect(await tracesOf("both")).toEqual(expect.arrayContaining([...known.values()]));
      // Prometheus 3.5 forgets to begin anew with the exemplars of a family's second native histogram.
      expect(await tracesOf("native")).toContain(known.get("check slow"));

      const metadata = await prometheus.ask("targets/metadata?metric=health_check_duration_seconds");
      expect(metadata).toContainEqual(
        expect.objectContaining({ type: "histogram", unit: "seconds", help: "How long the runs of the check took." }),
      );
      expect(await prometheus.query("histogram_count(healthspan_scheduler_lag_seconds)")).not.toEqual([]);
    },
    60_000,
  );
});

interface ExemplarSeries {
  readonly exemplars: readonly { readonly labels: { readonly trace_id: string } }[];
}

/** A server of two checks, one of which takes its time. */
async function serveChecks(kind: HistogramKind) {
  const producer = new CheckMetricProducer({ kind, bounds: durationBounds });
  const reader = new PrometheusReader({ checks: producer, histogram: kind });
  const provider = new MeterProvider({ readers: [reader] });
  const checks = [
    fakeCheck({ name: "slow", interval: "1m" }, () => wait(20)),
    fakeCheck({ name: "well", interval: "1m" }),
  ];
  const monitor = new HealthMonitor(checks, { observe: producer.observe, logger: rememberingLogger() });
  const server = await serving(createApplication(monitor, { metrics: () => metricsRouter(reader) }).callback());
  const durations: number[] = [];
  return {
    port: server.port,
    durations: () => durations,
    run: async (): Promise<void> => {
      for (const { name } of checks) await monitor.renew(name);
      durations.push(monitor.reports(["slow"])[0]?.lastRun?.durationSeconds ?? Number.NaN);
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await monitor.close();
      await provider.shutdown();
    },
  };
}
