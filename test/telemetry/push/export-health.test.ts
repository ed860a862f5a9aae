import { ExportResultCode } from "@opentelemetry/core";
import { describe, expect, it } from "vitest";
import { ConnectionUrl } from "../../../src/health/secret.ts";
import { ExportHealth, ReportedExportError } from "../../../src/telemetry/push/export-health.ts";
import { rememberingLogger } from "../../support/logs.ts";

const success = { code: ExportResultCode.SUCCESS };

function healthOfMetrics() {
  const logger = rememberingLogger();
  const url = new ConnectionUrl("http://someone:password@collector:4318/v1/metrics?key=password");
  const target = {
    signal: "metrics",
    protocol: "http/protobuf",
    url,
    headers: {},
    timeoutMillis: 1000,
    certificates: {},
  } as const;
  return { logger, health: new ExportHealth(target, logger, (text) => text.replaceAll("password", "[redacted]")) };
}

function failure(error?: Error) {
  return { code: ExportResultCode.FAILED, ...(error && { error }) };
}

describe("the health of a push", () => {
  it("is logged when it changes", () => {
    const { health, logger } = healthOfMetrics();
    for (const result of [success, failure(), failure(), success, success, failure()]) health.judge(result);
    expect(logger.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      "warn: metrics cannot be pushed to http://collector:4318/v1/metrics: unknown error",
      "info: metrics are pushed to http://collector:4318/v1/metrics again",
      "warn: metrics cannot be pushed to http://collector:4318/v1/metrics: unknown error",
    ]);
    expect(health).toMatchObject({ failures: 3, failing: true, signal: "metrics" });
  });

  it("is not told by a push that began before the last one that arrived", () => {
    const { health, logger } = healthOfMetrics();
    health.judge(failure(), 1);
    health.judge(success, 3);
    health.judge(failure(), 2);
    expect(health).toMatchObject({ failures: 2, failing: false });
    expect(logger.lines).toHaveLength(2);
    health.judge(failure(), 4);
    expect(health.failing).toBe(true);
  });

  it.each([
    { error: Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }), reason: "connection refused" },
    { error: Object.assign(new Error("password"), { code: 401 }), reason: "it answers with the status code 401" },
    { error: new Error("Export failed with retryable status"), reason: "it asks to try again later" },
    { error: new Error("bad password"), reason: "bad [redacted]" },
  ])("is told as: $reason", ({ error, reason }) => {
    const { health, logger } = healthOfMetrics();
    expect(health.judge(failure(error)).error).toEqual(new ReportedExportError(reason));
    expect(logger.lines[0]?.message).toBe(`metrics cannot be pushed to http://collector:4318/v1/metrics: ${reason}`);
  });
});
