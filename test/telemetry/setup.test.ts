import { join } from "node:path";
import { context, propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import { ConnectionUrl, Secret } from "../../src/health/secret.ts";
import type { Telemetry } from "../../src/telemetry/setup.ts";
import { certificates } from "../support/certificates.ts";
import { startOtlpReceiver } from "../support/otlp-receiver.ts";
import { messages, patient, setVariables, startTelemetryAnew, useTelemetry } from "../support/start-telemetry.ts";

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

useTelemetry();

describe("what is asked for", () => {
  it("can come from the configuration, with its headers", async () => {
    await using receiver = await startOtlpReceiver();
    const headers = { "X-Tenant": new Secret("blue") };
    const { telemetry } = await startTelemetryAnew({
      otlp: { endpoint: new ConnectionUrl(`${receiver.url}/otlp/`), headers },
    });
    await telemetry.flush(patient);
    expect(receiver.requests).toMatchObject([{ path: "/otlp/v1/metrics", headers: { "x-tenant": "blue" } }]);
  });

  it("compresses and adds headers", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      OTEL_EXPORTER_OTLP_HEADERS: "X-Tenant=blue,Authorization=Bearer%20S3cret-token",
    });
    const { telemetry, logger } = await startTelemetryAnew();
    await telemetry.flush(patient);
    expect(receiver.requests).toMatchObject([
      {
        headers: {
          "content-encoding": "gzip",
          "content-type": "application/x-protobuf",
          "x-tenant": "blue",
          authorization: "Bearer S3cret-token",
        },
      },
    ]);
    expect(receiver.points).not.toEqual([]);
    expect(messages(logger)).toEqual([]);
  });

  it("is nothing for a signal whose exporter is none", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_METRICS_EXPORTER: "none" });
    const { telemetry, monitor, fakeCheck } = await startTelemetryAnew();
    await monitor(fakeCheck({ name: "cache" })).report();
    await telemetry.flush(patient);
    expect(receiver.requests.map(({ path }) => path)).toEqual(["/v1/traces"]);
  });

  it("goes over TLS, with an authority and a client certificate of one's own", async () => {
    await using receiver = await startOtlpReceiver({
      tls: { ...certificates.server, ca: certificates.ca, requestCert: true, rejectUnauthorized: true },
    });
    const file = (name: string) => join(import.meta.dirname, "../support/certificates", `${name}.pem`);
    setVariables({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_CERTIFICATE: file("ca"),
      OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE: file("client"),
      OTEL_EXPORTER_OTLP_CLIENT_KEY: file("client-key"),
    });
    const { telemetry, logger } = await startTelemetryAnew();
    await telemetry.flush(patient);
    expect(receiver.points).not.toEqual([]);
    expect(messages(logger)).toEqual([]);
  });

  it("is told of a certificate that is not there, once, and of the push that fails for it", async () => {
    await using receiver = await startOtlpReceiver({ tls: certificates.server });
    setVariables({
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.url}/v1/metrics`,
      OTEL_EXPORTER_OTLP_CERTIFICATE: "/no/such/file.pem",
    });
    const { telemetry, logger } = await startTelemetryAnew();
    expect(await telemetry.flush(patient)).toBe(false);
    expect(messages(logger)).toEqual([
      "warn: Failed to read root certificate file",
      `warn: metrics cannot be pushed to ${receiver.url}/v1/metrics: certificate's issuer is not trusted: trust its authority, or let the server send its whole chain`,
    ]);
  });
});

describe("without an endpoint", () => {
  it("pushes and records nothing, and passes a caller's traceparent on as it came", async () => {
    const { telemetry, monitor, fakeCheck, logger } = await startTelemetryAnew({ prometheus: true });
    const onward: Record<string, string> = {};
    const checks = monitor(
      fakeCheck({ name: "cache" }, async () => {
        await Promise.resolve();
        propagation.inject(context.active(), onward);
      }),
    );
    const caller = propagation.extract(ROOT_CONTEXT, { traceparent, tracestate: "a=b", baggage: "c=d" });
    await checks.report(undefined, { context: caller });
    expect(onward).toEqual({ traceparent }); // The rest is not meant for targets.
    const [report] = checks.reports();
    expect(report?.lastRun?.traceId).toBeUndefined();
    expect(report?.durations.get(undefined)?.exemplars.filter(Boolean)).toEqual([]);
    expect(await telemetry.flush(patient)).toBe(true);
    expect(await telemetry.shutdown(patient)).toBe(true);
    expect(messages(logger)).toEqual([]);
  });

  it("lets Prometheus read the metrics", async () => {
    const { telemetry, monitor, fakeCheck } = await startTelemetryAnew({ prometheus: true });
    await monitor(fakeCheck({ name: "cache" })).report();
    const text = await scraped(telemetry);
    expect(text).toContain('health_check_status{check="cache",type="fake-check"} 1\n');
    expect(text).toContain('healthspan_runs_skipped_total{reason="running"} 0\n');
    expect(text).not.toContain("healthspan_telemetry_export_failures");
    expect(text).toMatch(/^target_info\{.*service_name="shop"/m);
  });
});

describe("the SDK, when it is to be loaded late", () => {
  it("is loaded when asked for, and has what was measured before", async () => {
    const { telemetry, monitor, fakeCheck } = await startTelemetryAnew({ prometheus: true, late: true });
    expect(telemetry.prometheus).toBeUndefined();
    expect(await telemetry.flush(patient)).toBe(true);
    await monitor(fakeCheck({ name: "cache" })).report();
    await Promise.all([telemetry.load(), telemetry.load()]);
    const text = await scraped(telemetry);
    expect(text).toContain('health_check_status{check="cache",type="fake-check"} 1\n');
    expect(text).toContain('healthspan_runs_skipped_total{reason="running"} 0\n');
    expect(text).toMatch(/^process_memory_usage_bytes/m);
  });

  it("is loaded at once all the same when anything is pushed", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const { telemetry, monitor, fakeCheck } = await startTelemetryAnew({ prometheus: true, late: true });
    expect(telemetry.prometheus).toBeDefined();
    await monitor(fakeCheck({ name: "cache" })).report();
    expect(await telemetry.shutdown(patient)).toBe(true);
    expect(receiver.spans).toHaveLength(1);
  });

  it("need not be loaded at all before the end", async () => {
    const { telemetry, logger } = await startTelemetryAnew({ prometheus: true, late: true });
    expect(await telemetry.shutdown(patient)).toBe(true);
    expect(messages(logger)).toEqual([]);
  });
});

describe("OTEL_SDK_DISABLED", () => {
  it("stops the push and the spans, but neither the propagation nor Prometheus' view of the checks", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SDK_DISABLED: "true" });
    const { telemetry, monitor, fakeCheck } = await startTelemetryAnew({ prometheus: true });
    const onward: Record<string, string> = {};
    const checks = monitor(fakeCheck({ name: "cache" }, () => propagation.inject(context.active(), onward)));
    await checks.report(undefined, { context: propagation.extract(ROOT_CONTEXT, { traceparent }) });
    expect(onward).toEqual({ traceparent });
    expect(await telemetry.flush(patient)).toBe(true);
    expect(receiver.requests).toEqual([]);
    expect(await scraped(telemetry)).toContain('health_check_status{check="cache",type="fake-check"} 1\n');
  });
});

async function scraped({ prometheus }: Telemetry): Promise<string> {
  let text = "";
  for await (const chunk of (await prometheus?.scrape("openmetrics", { timeoutMillis: 1000 })) ?? []) text += chunk;
  return text;
}

describe("shutting down", () => {
  it("pushes what is left, and can be asked for twice", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const { telemetry, monitor, fakeCheck, logger } = await startTelemetryAnew({ prometheus: true });
    await monitor(fakeCheck({ name: "cache" })).report();
    expect(await Promise.all([telemetry.shutdown(patient), telemetry.shutdown(patient)])).toEqual([true, true]);
    expect(receiver.spans).toHaveLength(1);
    expect(receiver.points.filter(({ metric }) => metric === "health.check.status")).toHaveLength(1);
    expect(messages(logger)).toEqual([]);
  });

  it("waits for a collector that is slow, within its patience", async () => {
    await using receiver = await startOtlpReceiver();
    receiver.behaviour = { status: 200, afterMilliseconds: 300 };
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const { telemetry, monitor, fakeCheck } = await startTelemetryAnew();
    await monitor(fakeCheck({ name: "cache" })).report();
    expect(await telemetry.shutdown(patient)).toBe(true);
    expect(receiver.spans).toHaveLength(1);
  });
});
