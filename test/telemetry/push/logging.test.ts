import { describe, expect, it, vi } from "vitest";
import type { HealthCheck } from "../../../src/health/health-check.ts";
import { packageVersion } from "../../../src/health/instrumentation/version.ts";
import { startOtlpReceiver } from "../../support/otlp-receiver.ts";
import { messages, patient, setVariables, startTelemetryAnew, useTelemetry } from "../../support/start-telemetry.ts";
import { closedPort } from "../../support/throw-away-server.ts";

useTelemetry();

/** A monitor whose lines are pushed. */
async function start() {
  const started = await startTelemetryAnew();
  const { HealthMonitor } = await import("../../../src/engine/monitor.ts");
  const { telemetry } = started;
  const pushed = (...checks: readonly HealthCheck[]) =>
    new HealthMonitor(checks, { observe: telemetry.observe, logger: telemetry.logger });
  return { ...started, pushed };
}

const scope = {
  name: "healthspan",
  version: packageVersion(),
  schemaUrl: "https://opentelemetry.io/schemas/1.45.0",
};

describe("a push of logs", () => {
  it("brings each change of state, with the span of the run that found it", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const { telemetry, logger, pushed, fakeCheck, ServiceUnavailable } = await start();
    const check = fakeCheck({ name: "cache" });
    const monitor = pushed(check);
    await monitor.report();
    await monitor.report(); // Nothing changes.
    check.action = () => {
      throw new ServiceUnavailable("connection refused", { reason: "connection_refused" });
    };
    await monitor.report();
    expect(await telemetry.flush(patient)).toBe(true);
    const attributes = { "health.check.name": "cache", "health.check.type": "fake-check" };
    expect(receiver.logs).toEqual([
      {
        resource: expect.objectContaining({ "service.name": "shop" }),
        scope,
        eventName: "health.check.state_change",
        severity: 9,
        severityText: "info",
        body: "cache: OK",
        attributes: { ...attributes, "health.check.previous_state": "unknown", "health.check.state": "healthy" },
        traceId: receiver.spans[0]?.traceId,
        spanId: receiver.spans[0]?.spanId,
      },
      {
        resource: expect.anything(),
        scope,
        eventName: "health.check.state_change",
        severity: 13,
        severityText: "warn",
        body: "cache: Unavailable: connection refused",
        attributes: { ...attributes, "health.check.previous_state": "healthy", "health.check.state": "unhealthy" },
        traceId: receiver.spans[2]?.traceId,
        spanId: receiver.spans[2]?.spanId,
      },
    ]);
    expect(messages(logger)).toEqual(["info: cache: OK", "warn: cache: Unavailable: connection refused"]);
  });

  it("brings an error of which there is only a text as the message of an exception", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const { telemetry } = await start();
    telemetry.logger.warn({ check: "cache", error: "no such file" }, "the state cannot be kept");
    await telemetry.flush(patient);
    const attributes = { "health.check.name": "cache", "exception.message": "no such file" };
    expect(receiver.logs).toMatchObject([{ body: "the state cannot be kept", attributes }]);
  });

  it("brings each unexpected error, as an exception", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const { telemetry, pushed, fakeCheck } = await start();
    const broken = fakeCheck({ name: "cache" }, () => {
      throw new TypeError("x is not a function");
    });
    await pushed(broken).report();
    await telemetry.flush(patient);
    expect(receiver.logs[0]).toMatchObject({
      severity: 17,
      eventName: "",
      body: 'the check "cache" failed in an unexpected way',
      attributes: {
        "health.check.name": "cache",
        "exception.type": "TypeError",
        "exception.message": "x is not a function",
        "exception.stacktrace": expect.stringContaining("logging.test.ts"),
      },
      traceId: receiver.spans[0]?.traceId,
    });
  });

  it("holds no credentials of the push itself", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20S3cret-of-the-test",
    });
    const { telemetry } = await start();
    const error = { name: "Error", message: "S3cret-of-the-test", stack: "at S3cret-of-the-test" };
    telemetry.logger.error({ path: "/S3cret-of-the-test", attempts: 3, error }, "sent S3cret-of-the-test");
    await telemetry.flush(patient);
    expect(receiver.logs).toMatchObject([
      { attributes: { "healthspan.log.path": "/[redacted]", "healthspan.log.attempts": 3 }, traceId: "", spanId: "" },
    ]);
    expect(JSON.stringify(receiver.logs)).not.toContain("S3cret");
  });

  it("goes to an endpoint of its own, and is nothing when its exporter is none", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${receiver.url}/tenant/v1/logs` });
    const own = await start();
    own.telemetry.logger.info({}, "hello");
    await own.telemetry.flush(patient);
    expect(receiver.requests).toMatchObject([{ path: "/tenant/v1/logs" }]);
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_LOGS_EXPORTER: "none" });
    const { telemetry, logger } = await start();
    expect(telemetry.logger).toBe(logger);
  });

  it("happens by itself, after OTEL_BLRP_SCHEDULE_DELAY, and at the shutdown", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${receiver.url}/v1/logs`, OTEL_BLRP_SCHEDULE_DELAY: "10" });
    const { telemetry } = await start();
    telemetry.logger.info({}, "first");
    await vi.waitFor(() => expect(receiver.logs).toMatchObject([{ body: "first" }]));
    telemetry.logger.info({}, "last");
    expect(await telemetry.shutdown(patient)).toBe(true);
    expect(receiver.logs).toMatchObject([{ body: "first" }, { body: "last" }]);
  });

  it("tells once of a collector that is down, holds so many records and drops the rest, and delays no end", async () => {
    const url = `http://127.0.0.1:${await closedPort()}/v1/logs`;
    setVariables({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: url, OTEL_BLRP_MAX_QUEUE_SIZE: "600" });
    const { telemetry, logger } = await start();
    for (let index = 0; index < 2000; index += 1) telemetry.logger.info({}, "again");
    const startedAt = performance.now();
    await telemetry.shutdown({ timeoutMillis: 300 });
    expect(performance.now() - startedAt).toBeLessThan(2000);
    const others = messages(logger).filter((line) => line !== "info: again");
    expect(others.filter((line) => line.includes("cannot be pushed"))).toHaveLength(1);
  });
});

it("is not done without an endpoint: the lines are written alone", async () => {
  const { telemetry, logger } = await startTelemetryAnew();
  expect(telemetry.logger).toBe(logger);
});
