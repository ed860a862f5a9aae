import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { describe, expect, it } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { createApplication } from "../../src/server/application.ts";
import { metricsRouter } from "../../src/server/routes/metrics.ts";
import { CheckMetricProducer } from "../../src/telemetry/metrics/check-metric-producer.ts";
import { PrometheusReader } from "../../src/telemetry/open-metrics/prometheus-reader.ts";
import { ask } from "../support/ask.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { Misbehaving, oddRuns, oddThrows } from "../support/misbehaving-checks.ts";
import { serving } from "./faces.ts";

const formats = ["text", "json", "health", "html", "rss", "atom", "openmetrics"];
const ways = [...Object.keys(oddThrows), ...Object.keys(oddRuns)];

describe("checks that misbehave in every way we know", () => {
  it("are answered for in every format, and in the metrics", async () => {
    const odd = ways.map((how) => new Misbehaving({ name: how, how }));
    const unlabelled = Object.defineProperty(fakeCheck({ name: "labels" }), "labels", { get: () => ({ shard: 3 }) });
    const untargeted = Object.defineProperty(fakeCheck({ name: "target" }), "target", { get: () => null });
    const checks = [...odd, unlabelled, untargeted, fakeCheck({ name: "healthy" })];
    const producer = new CheckMetricProducer();
    const monitor = new HealthMonitor(checks, { logger: rememberingLogger(), observe: producer.observe });
    const reader = new PrometheusReader({ checks: producer });
    new MeterProvider({ readers: [reader] });
    await using server = await serving(createApplication(monitor, { metrics: () => metricsRouter(reader) }).callback());

    const text = await ask(server.port, "/health/?format=text");
    const lines = [...ways, "labels", "target"].map((name) => `${name}: Unknown Error: unknown error\n`);
    expect(text).toMatchObject({ status: 500, text: `${lines.join("")}healthy: OK\n` });
    for (const format of formats) {
      const { status, text: body } = await ask(server.port, `/health/?format=${format}`);
      expect([200, 500], format).toContain(status);
      expect(body, format).toContain("healthy");
    }
    const { status, text: scraped } = await ask(server.port, "/metrics");
    expect(status).toBe(200);
    expect(scraped).toContain('health_check_status{check="labels",type="fake-check"} 0');
    await monitor.close();
  });
});
