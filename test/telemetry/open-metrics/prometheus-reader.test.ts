import { type BatchObservableCallback, type DiagLogger, diag, type Meter } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { InstrumentType, MeterProvider, type MetricProducer } from "@opentelemetry/sdk-metrics";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Exposition } from "../../../src/telemetry/open-metrics/exposition.ts";
import { PrometheusReader } from "../../../src/telemetry/open-metrics/prometheus-reader.ts";
import { ScrapeError } from "../../../src/telemetry/open-metrics/scrape-error.ts";
import { gaugeData, resourceMetrics } from "../../support/metric-data.ts";

afterEach(() => diag.disable());

describe("PrometheusReader", () => {
  it("writes the instruments of the meter provider and what producers add", async () => {
    const { reader, meter } = start([producing([gaugeData("health.check.status", [[{ check: "a" }, 1]])])]);
    meter.createCounter("runs").add(2);
    expect(await textOf(reader, "openmetrics")).toBe(`# TYPE target info
# HELP target Target metadata
target_info{service_name="shop"} 1
# TYPE runs counter
runs_total 2
# TYPE health_check_status gauge
health_check_status{check="a"} 1
# EOF
`);
    expect(await textOf(reader, "prometheus")).toContain("# TYPE runs_total counter\nruns_total 2\n");
  });

  it("keeps far more series of an instrument than the SDK's limit", async () => {
    const { reader, meter } = start();
    const gauge = meter.createGauge("value");
    for (let index = 0; index < 3000; index += 1) gauge.record(1, { index });
    const text = await textOf(reader, "openmetrics");
    expect(text).not.toContain("overflow");
    expect(text.match(/^value\{/gm)).toHaveLength(3000);
    expect(reader.selectCardinalityLimit()).toBeGreaterThanOrEqual(100_000);
    expect(reader.selectAggregationTemporality(InstrumentType.COUNTER)).toBe(1); // Cumulative, as Prometheus needs it.
  });

  it("rejects when a callback throws, instead of leaving out what it observes", async () => {
    const { reader, meter } = start();
    meter.createCounter("runs").add(2);
    observe(meter, () => {
      throw new Error("no such sensor");
    });
    const scrape = reader.scrape("openmetrics", { timeoutMillis: 1000 });
    await expect(scrape).rejects.toThrow(ScrapeError);
    await expect(scrape).rejects.toMatchObject({
      name: "ScrapeError",
      message: "the metrics could not be collected: no such sensor",
      cause: { message: "no such sensor" },
      errors: [{ message: "no such sensor" }],
    });
  });

  it("rejects when a callback never answers, and works again when it does", async () => {
    const { reader, meter } = start();
    let answers = false;
    observe(meter, () => (answers ? Promise.resolve() : new Promise(() => {})));
    await expect(reader.scrape("openmetrics", { timeoutMillis: 30 })).rejects.toThrow(ScrapeError);
    answers = true;
    await vi.waitFor(() => textOf(reader, "openmetrics"));
  });

  it("rejects in time when a producer never answers", async () => {
    const { reader } = start([{ collect: () => new Promise(() => {}) }]);
    const scrape = reader.scrape("openmetrics", { timeoutMillis: 30 });
    await expect(scrape).rejects.toThrow("the metrics could not be collected: not within 30 ms");
  });

  it("rejects when it was shut down, or never belonged to a meter provider", async () => {
    await expect(new PrometheusReader().scrape("openmetrics", { timeoutMillis: 1000 })).rejects.toThrow(ScrapeError);
    const { reader, provider } = start();
    await provider.shutdown();
    await expect(reader.scrape("openmetrics", { timeoutMillis: 1000 })).rejects.toThrow(/shutdown/);
  });

  it("collects once for all who ask at the same time", async () => {
    const collect = vi.fn(producing([gaugeData("x", [[{}, 1]])]).collect);
    const { reader } = start([{ collect }]);
    const texts = await Promise.all([textOf(reader), textOf(reader), textOf(reader, "prometheus")]);
    expect(collect).toHaveBeenCalledTimes(1);
    expect(texts[1]).toBe(texts[0]);
    await textOf(reader);
    expect(collect).toHaveBeenCalledTimes(2);
  });

  it("lets the event loop have its turn between the chunks", async () => {
    const points = Array.from({ length: 5000 }, (_, index) => [{ check: `number ${index}` }, index] as const);
    const { reader } = start([producing([gaugeData("x", points)])]);
    // Each chunk takes as long as a turn may.
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (now += 5));
    let turns = 0;
    let writing = true;
    const turn = (): void => {
      turns += 1;
      if (writing) setImmediate(turn);
    };
    const chunks: (string | Uint8Array)[] = [];
    const scrape = await reader.scrape("openmetrics", { timeoutMillis: 1000 });
    turn();
    for await (const chunk of scrape) chunks.push(chunk);
    writing = false;
    clock.mockRestore();
    expect(chunks.length).toBeGreaterThan(1);
    expect(turns).toBeGreaterThanOrEqual(chunks.length);
    expect(chunks).not.toContain("");
  });

  it("tells once of what cannot be written", async () => {
    const warn = vi.fn();
    diag.setLogger({ warn, error() {}, info() {}, debug() {}, verbose() {} } satisfies DiagLogger);
    const { reader } = start([producing([gaugeData("x", [[{}, 1]]), gaugeData("target", [[{}, 1]])])]);
    await textOf(reader);
    await textOf(reader);
    expect(warn.mock.calls.flat().filter((message) => /is left out/.test(String(message)))).toHaveLength(1);
  });

  it("opens no port", async () => {
    const { provider } = start();
    expect(process.getActiveResourcesInfo()).not.toContain("TCPServerWrap");
    await provider.shutdown();
  });
});

function start(metricProducers: readonly MetricProducer[] = []) {
  const reader = new PrometheusReader({ metricProducers });
  const resource = resourceFromAttributes({ "service.name": "shop" });
  const provider = new MeterProvider({ readers: [reader], resource });
  return { reader, provider, meter: provider.getMeter("healthspan") };
}

function producing(metrics: Parameters<typeof resourceMetrics>[0][string]): MetricProducer {
  return { collect: async () => ({ resourceMetrics: resourceMetrics({ healthspan: metrics }), errors: [] }) };
}

function observe(meter: Meter, callback: BatchObservableCallback): void {
  meter.addBatchObservableCallback(callback, [meter.createObservableGauge("observed")]);
}

async function textOf(reader: PrometheusReader, exposition: Exposition = "openmetrics"): Promise<string> {
  let text = "";
  for await (const chunk of await reader.scrape(exposition, { timeoutMillis: 1000 })) text += chunk;
  return text;
}
