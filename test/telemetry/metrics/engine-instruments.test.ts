import { metrics } from "@opentelemetry/api";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { afterEach, expect, it } from "vitest";
import { EngineInstruments } from "../../../src/telemetry/metrics/engine-instruments.ts";
import { PrometheusReader } from "../../../src/telemetry/open-metrics/prometheus-reader.ts";

afterEach(() => metrics.disable());

it("a skipped run counts in the series of its reason that has been there from the start", async () => {
  const reader = new PrometheusReader();
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  new EngineInstruments().skipped("stuck");
  let text = "";
  for await (const chunk of await reader.scrape("openmetrics", { timeoutMillis: 1000 })) text += chunk;
  expect(text.match(/^healthspan_runs_skipped_total.*$/gm)).toEqual([
    'healthspan_runs_skipped_total{reason="running"} 0',
    'healthspan_runs_skipped_total{reason="stuck"} 1',
    'healthspan_runs_skipped_total{reason="dependency"} 0',
  ]);
});
