import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { describe, expect, it } from "vitest";
import { PrometheusReader } from "../../../src/telemetry/open-metrics/prometheus-reader.ts";
import { write } from "../../support/metric-data.ts";

describe("the stock exporter", () => {
  it("writes the same series for data that need no mending", async () => {
    const reader = new PrometheusReader();
    const meter = new MeterProvider({ readers: [reader] }).getMeter("healthspan");
    const labels = { check: 'the "first"', path: "C:\\\n", type: "http" };
    const counter = meter.createCounter("runs", { description: "Runs." });
    for (const reason of ["stuck", "running"]) counter.add(3, { reason });
    meter.createUpDownCounter("depth").add(-2, labels);
    const gauge = meter.createGauge("value");
    for (const [index, value] of [0, 1.5, -1e-9, 1e21, Number.NaN, Number.POSITIVE_INFINITY].entries()) {
      gauge.record(value, { ...labels, index: `${index}` });
    }
    const histogram = meter.createHistogram("lag", { advice: { explicitBucketBoundaries: [0.001, 0.5, 2.5] } });
    for (const value of [0.0001, 0.5, 0.6, 100]) histogram.record(value, labels);

    const { resourceMetrics } = await reader.collect();
    const stock = new PrometheusSerializer(undefined, false, undefined, false, true).serialize(resourceMetrics);
    expect(series(write(resourceMetrics, "prometheus").text)).toEqual(series(stock));
    expect(series(stock)).toHaveLength(1 + 2 + 1 + 6 + 6);
  });
});

/** The lines that are no comments, in an order of their own. */
function series(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .sort();
}
