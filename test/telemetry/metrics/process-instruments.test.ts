import { metrics } from "@opentelemetry/api";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { afterAll, expect, it } from "vitest";
import { observeProcess } from "../../../src/telemetry/metrics/process-instruments.ts";
import { PrometheusReader } from "../../../src/telemetry/open-metrics/prometheus-reader.ts";

afterAll(() => metrics.disable());

it("publishes the memory and the processor time of the process", async () => {
  const reader = new PrometheusReader();
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  observeProcess();
  let text = "";
  for await (const chunk of await reader.scrape("prometheus", { timeoutMillis: 5000 })) text += chunk;
  const value = (series: string) =>
    Number(
      text
        .split("\n")
        .find((line) => line.startsWith(series))
        ?.split(" ")
        .at(-1),
    );
  expect(text).toContain("# TYPE process_memory_usage_bytes gauge\n"); // It can fall.
  expect(value("process_memory_usage_bytes")).toBeGreaterThan(10_000_000);
  expect(value('process_cpu_time_seconds_total{cpu_mode="user"}')).toBeGreaterThan(0);
  expect(value('process_cpu_time_seconds_total{cpu_mode="system"}')).toBeGreaterThanOrEqual(0);
});
