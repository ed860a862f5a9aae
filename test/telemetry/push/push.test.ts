import { inspect } from "node:util";
import { metrics, propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import { describe, expect, it, vi } from "vitest";
import { packageVersion } from "../../../src/health/instrumentation/version.ts";
import { startOtlpReceiver } from "../../support/otlp-receiver.ts";
import { itWithServers } from "../../support/servers.ts";
import { messages, patient, setVariables, startTelemetryAnew, useTelemetry } from "../../support/start-telemetry.ts";
import { startVictoriaMetrics } from "../../support/victoria-metrics.ts";

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

useTelemetry();

const scope = {
  name: "healthspan",
  version: packageVersion(),
  schemaUrl: "https://opentelemetry.io/schemas/1.45.0",
};

describe("a push of traces", () => {
  it("brings the spans of the runs, with what was found and who asked", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const { telemetry, monitor, fakeCheck, ServiceUnavailable } = await startTelemetryAnew();
    const checks = monitor(
      fakeCheck({ name: "cache" }),
      fakeCheck({ name: "database" }, () => {
        throw new ServiceUnavailable("connection refused", { reason: "connection_refused" });
      }),
    );
    await checks.report(undefined, { context: propagation.extract(ROOT_CONTEXT, { traceparent }) });
    expect(await telemetry.flush(patient)).toBe(true);

    expect(receiver.spans).toHaveLength(2);
    const [cache, database] = receiver.spans.toSorted((a, b) => a.name.localeCompare(b.name));
    expect(cache).toMatchObject({
      scope,
      name: "check cache",
      kind: "internal",
      traceId: "0af7651916cd43dd8448eb211c80319c",
      parentSpanId: "b7ad6b7169203331",
      attributes: { "health.check.name": "cache", "health.check.type": "fake-check", "health.check.state": "healthy" },
      status: { code: "unset" },
    });
    expect(database).toMatchObject({
      name: "check database",
      attributes: { "health.check.state": "unhealthy", "error.type": "connection_refused" },
      status: { code: "error", message: "Unavailable: connection refused" },
    });
    expect(cache?.endedAtNanoseconds).toBeGreaterThan(cache?.startedAtNanoseconds ?? 0n);
    expect(checks.reports()[0]?.lastRun?.traceId).toBe(cache?.traceId);
    await checks.close();
  });

  it("says who sends it, as the environment has it", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/tenant/v1/traces`,
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test,service.version=9.9%2C9",
      OTEL_SERVICE_NAME: "renamed",
    });
    const { telemetry, monitor, fakeCheck } = await startTelemetryAnew();
    await monitor(fakeCheck({ name: "cache" })).report();
    await telemetry.flush(patient);
    expect(receiver.requests).toMatchObject([{ path: "/tenant/v1/traces" }]);
    expect(receiver.spans[0]?.resource).toMatchObject({
      "service.name": "renamed",
      "service.version": "9.9,9",
      "service.instance.id": expect.stringMatching(/^[0-9a-f-]{36}$/),
      "deployment.environment.name": "test",
      "host.name": expect.any(String),
      "process.pid": process.pid,
      "telemetry.sdk.language": "nodejs",
    });
    expect(inspect(receiver.spans[0]?.resource)).not.toContain(process.argv[1]);
  });

  it("samples as OTEL_TRACES_SAMPLER says", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_SAMPLER: "always_off" });
    const { telemetry, monitor, fakeCheck } = await startTelemetryAnew();
    const checks = monitor(fakeCheck({ name: "cache" }));
    await checks.report();
    expect(await telemetry.flush(patient)).toBe(true);
    expect(receiver.spans).toEqual([]);
    expect(checks.reports()[0]?.lastRun?.traceId).toBeUndefined();
  });

  it("happens by itself, after OTEL_BSP_SCHEDULE_DELAY", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: "10" });
    const { monitor, fakeCheck } = await startTelemetryAnew();
    await monitor(fakeCheck({ name: "cache" })).report();
    await vi.waitFor(() => expect(receiver.spans).toMatchObject([{ name: "check cache" }]));
  });
});

describe("a push of metrics", () => {
  it("brings the checks' metrics and Healthspan's own", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const { telemetry, monitor, fakeCheck } = await startTelemetryAnew();
    await monitor(fakeCheck({ name: "cache" })).report();
    expect(await telemetry.flush(patient)).toBe(true);
    const point = (metric: string) => receiver.points.filter((each) => each.metric === metric);
    const attributes = { "health.check.name": "cache", "health.check.type": "fake-check" };
    expect(point("health.check.status")).toMatchObject([{ scope, type: "gauge", value: 1, attributes }]);
    expect(point("health.check.state")).toHaveLength(5);
    expect(point("health.check.duration")).toMatchObject([
      { type: "histogram", unit: "s", temporality: "cumulative", value: 1, attributes },
    ]);
    expect(point("healthspan.runs.skipped").length).toBeGreaterThan(0);
    expect(point("healthspan.telemetry.export.failures")).toMatchObject([
      { type: "sum", value: 0, attributes: { "healthspan.telemetry.signal": "traces" } },
      { type: "sum", value: 0, attributes: { "healthspan.telemetry.signal": "metrics" } },
      { type: "sum", value: 0, attributes: { "healthspan.telemetry.signal": "logs" } },
    ]);
    expect(point("health.check.status")[0]?.resource).toMatchObject({ "service.name": "shop" });
  });

  it("brings what the checks measured, and their spans bring it too", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const { telemetry, monitor } = await startTelemetryAnew();
    const { Queue } = await import("../../support/thread-checks.ts");
    await monitor(new Queue({ name: "jobs", depth: 8 })).report();
    expect(await telemetry.flush(patient)).toBe(true);
    const attributes = {
      "health.check.name": "jobs",
      "health.check.type": "queue",
      "health.check.label.queue": "mail",
    };
    expect(receiver.points.filter(({ metric }) => metric === "health.check.value")).toMatchObject([
      {
        type: "gauge",
        unit: "",
        value: 8,
        attributes: { ...attributes, "health.check.measure.name": "depth", "health.check.measure.unit": "{jobs}" },
      },
      {
        type: "gauge",
        unit: "",
        value: 1,
        attributes: { ...attributes, "health.check.measure.name": "age", "health.check.measure.unit": "s" },
      },
    ]);
    expect(receiver.spans).toMatchObject([
      { name: "check jobs", attributes: { "health.check.value.depth": 8, "health.check.value.age": 1 } },
    ]);
  });

  it("happens every OTEL_METRIC_EXPORT_INTERVAL", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_METRIC_EXPORT_INTERVAL: "20" });
    await startTelemetryAnew();
    await vi.waitFor(() => expect(receiver.requests.length).toBeGreaterThan(2));
  });

  it("tells of an interval that makes no sense", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_METRIC_EXPORT_INTERVAL: "0" });
    const { logger } = await startTelemetryAnew();
    expect(messages(logger)).toEqual([
      "warn: OTEL_METRIC_EXPORT_INTERVAL is ignored: it must be a number of milliseconds above 0",
    ]);
  });

  it("holds every series, however many there are", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.url}/v1/metrics` });
    const { telemetry } = await startTelemetryAnew();
    const counter = metrics.getMeter("test").createCounter("many");
    for (let index = 0; index < 2500; index += 1) counter.add(1, { index });
    await telemetry.flush(patient);
    expect(receiver.points.filter(({ metric }) => metric === "many")).toHaveLength(2500);
  });

  itWithServers(["victoria-metrics"], "is understood by VictoriaMetrics", async (paths) => {
    await using store = await startVictoriaMetrics(paths["victoria-metrics"]);
    setVariables({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: store.metricsEndpoint });
    const { telemetry, monitor, fakeCheck, logger } = await startTelemetryAnew();
    await monitor(fakeCheck({ name: "cache" })).report();
    expect(await telemetry.flush(patient)).toBe(true);
    await vi.waitFor(
      async () => {
        expect(await store.query('health_check_status{health_check_name="cache"}')).toMatchObject([
          { metric: { health_check_type: "fake-check" }, value: "1" },
        ]);
      },
      { timeout: 8000, interval: 100 },
    );
    expect(await store.query("health_check_duration_seconds_count")).toMatchObject([{ value: "1" }]);
    expect(await store.query('health_check_state{health_check_state="healthy"}')).toMatchObject([{ value: "1" }]);
    expect(await store.query("healthspan_runs_skipped_total")).not.toEqual([]);
    expect(messages(logger)).toEqual([]);
  });
});
