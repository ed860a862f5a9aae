import { metrics } from "@opentelemetry/api";
import { describe, expect, it, vi } from "vitest";
import type { HistogramKind } from "../../../src/telemetry/metrics/histogram-shape.ts";
import { durationBounds } from "../../../src/telemetry/names.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../../support/otlp-receiver.ts";
import { itWithServers } from "../../support/servers.ts";
import { messages, patient, setVariables, startTelemetryAnew, useTelemetry } from "../../support/start-telemetry.ts";
import { startVictoriaMetrics } from "../../support/victoria-metrics.ts";

const aggregation = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
const exponential = "base2_exponential_bucket_histogram";
const temporality = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";

useTelemetry();

async function start(receiver: OtlpReceiver, variables: Record<string, string>, kind: HistogramKind = "both") {
  setVariables({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.url}/v1/metrics`, ...variables });
  const started = await startTelemetryAnew({ histogram: { kind, bounds: durationBounds }, prometheus: true });
  const monitor = started.monitor(started.fakeCheck({ name: "cache" }));
  const points = (metric: string) => receiver.points.filter((point) => point.metric === metric);
  return { ...started, monitor, points };
}

describe("the histogram of a push", () => {
  it.each<[HistogramKind, Record<string, string>, string | undefined]>([
    ["both", {}, "histogram"],
    ["classic", {}, "histogram"],
    ["native", {}, "exponential histogram"],
    ["none", {}, undefined],
    ["both", { [aggregation]: exponential }, "exponential histogram"],
    ["classic", { [aggregation]: exponential }, "exponential histogram"],
    ["native", { [aggregation]: "explicit_bucket_histogram" }, "histogram"],
  ])("has, when %s is configured and the environment says %j, the form: %s", async (kind, variables, type) => {
    await using receiver = await startOtlpReceiver();
    const { telemetry, monitor, points, logger } = await start(receiver, variables, kind);
    await monitor.report();
    metrics.getMeter("theirs").createHistogram("theirs").record(1);
    expect(await telemetry.flush(patient)).toBe(true);
    const attributes = { "health.check.name": "cache", "health.check.type": "fake-check" };
    expect(points("health.check.duration")).toMatchObject(
      type === undefined ? [] : [{ type, temporality: "cumulative", value: 1, attributes }],
    );
    expect(points("theirs")).toMatchObject([{ type: type ?? "histogram" }]);
    expect(points("healthspan.scheduler.lag")).toHaveLength(1);
    expect(messages(logger)).toEqual([]);
  });

  it("has no exponential buckets at /metrics when only the push was to have them", async () => {
    await using receiver = await startOtlpReceiver();
    const { telemetry, monitor } = await start(receiver, { [aggregation]: exponential }, "classic");
    await monitor.report();
    const chunks = await telemetry.prometheus?.scrape("openmetrics2", { timeoutMillis: 1000 });
    let text = "";
    for await (const chunk of chunks ?? []) text += chunk;
    expect(text).toMatch(/^health_check_duration_seconds\{.*\} \{count:1,sum:[^,]+,bucket:\[/m);
  });

  it("says that an aggregation does not exist, and goes on", async () => {
    await using receiver = await startOtlpReceiver();
    const { telemetry, monitor, points, logger } = await start(receiver, { [aggregation]: "summary" });
    await monitor.report();
    await telemetry.flush(patient);
    expect(points("health.check.duration")).toMatchObject([{ type: "histogram" }]);
    expect(messages(logger)).toEqual([
      `warn: ${aggregation} is ignored: it must be explicit_bucket_histogram or ${exponential}`,
    ]);
  });

  it.each([
    ["delta", {}],
    ["lowmemory", {}],
    ["delta", { [aggregation]: exponential }],
  ])("counts with the preference %s since the last push", async (preference, variables) => {
    await using receiver = await startOtlpReceiver();
    const { telemetry, monitor, points, logger } = await start(receiver, { [temporality]: preference, ...variables });
    await monitor.report();
    await monitor.report();
    await telemetry.flush(patient);
    await monitor.report();
    await telemetry.flush(patient);
    await telemetry.flush(patient);
    const ofCheck = points("health.check.duration");
    expect(ofCheck.map(({ value }) => value)).toEqual([2, 1]);
    expect(new Set(ofCheck.map((point) => point.temporality))).toEqual(new Set(["delta"]));
    // A gauge has none: it is pushed each time.
    expect(points("health.check.status").length).toBeGreaterThanOrEqual(3);
    expect(messages(logger)).toEqual([]);
  });

  itWithServers(["victoria-metrics"], "is understood by VictoriaMetrics in both forms", async (paths) => {
    await using store = await startVictoriaMetrics(paths["victoria-metrics"]);
    for (const [name, variables] of [
      ["explicit", {}],
      ["exponential", { [aggregation]: exponential }],
    ] as const) {
      setVariables({
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: store.metricsEndpoint,
        ...variables,
      });
      const { telemetry, monitor, fakeCheck, logger } = await startTelemetryAnew();
      const checks = monitor(fakeCheck({ name }, () => new Promise((resolve) => setTimeout(resolve, 20))));
      await checks.report();
      expect(await telemetry.flush(patient)).toBe(true);
      await telemetry.shutdown(patient);
      expect(messages(logger)).toEqual([]);
    }
    await vi.waitFor(
      async () => {
        expect(await store.query("health_check_duration_seconds_count")).toHaveLength(2);
      },
      { timeout: 8000, interval: 100 },
    );
    const quantile = (buckets: string) => store.query(`histogram_quantile(0.5, ${buckets})`);
    const [explicit] = await quantile('health_check_duration_seconds_bucket{health_check_name="explicit"}');
    expect(Number(explicit?.value)).toBeGreaterThan(0.01);
    // VictoriaMetrics makes buckets of its own kind of exponential ones, with bounds in the label vmrange.
    const native = await store.query('health_check_duration_seconds_bucket{health_check_name="exponential"}');
    expect(native.map(({ metric, value }) => [metric.le, /\.\.\./.test(metric.vmrange ?? ""), value])).toEqual([
      [undefined, true, "1"],
    ]);
    const [exact] = await store.query(
      'histogram_quantile(0.5, sum by (vmrange) (health_check_duration_seconds_bucket{health_check_name="exponential"}))',
    );
    expect(Number(exact?.value)).toBeGreaterThan(0.018);
    expect(Number(exact?.value)).toBeLessThan(1);
  });
});
