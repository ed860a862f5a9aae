import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { type CollectionResult, MeterProvider, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import Koa from "koa";
import { z } from "zod";
import { HealthMonitor } from "../src/engine/monitor.ts";
import { healthCheck } from "../src/health/health-check.ts";
import { scope } from "../src/health/instrumentation/scope.ts";
import { metricsRouter } from "../src/server/routes/metrics.ts";
import { CheckMetricProducer } from "../src/telemetry/metrics/check-metric-producer.ts";
import type { Exposition } from "../src/telemetry/open-metrics/exposition.ts";
import { PrometheusReader } from "../src/telemetry/open-metrics/prometheus-reader.ts";
import { type WritableMetrics, writeMetrics } from "../src/telemetry/open-metrics/write-metrics.ts";
import { writeProtobuf } from "../src/telemetry/open-metrics/write-protobuf.ts";
import type { Figure } from "./support/figure.ts";
import { countSeries, runsByCheck } from "./support/metric-text.ts";
import type { Scrape } from "./support/metrics-scraper.ts";
import { quantile } from "./support/quantile.ts";
import { verifyBetween, verifyEqual } from "./support/verify.ts";

/** A check has 27 series: eleven gauges, and a histogram of 14 buckets, a sum and a count. */
const checkCount = 1851;
const seriesCount = 50_000;
const rounds = 25;
const longestTurnMilliseconds = 20;

class Order extends healthCheck({ labels: { url: z.string(), method: z.string().default("GET") } }) {
  async run(): Promise<void> {}
}

const silent = { info() {}, warn() {}, error() {} };

/** What `/metrics` with 50,000 series costs, and how long it holds up everything else. */
export async function benchMetrics(): Promise<Figure[]> {
  new NodeTracerProvider().register(); // So that there are exemplars.
  const producer = new CheckMetricProducer();
  const reader = new PrometheusReader({ checks: producer });
  const resource = resourceFromAttributes({ "service.name": "bench" });
  const stock = new PrometheusExporter({ preventServerStart: true, metricProducers: [producer] });
  const provider = new MeterProvider({ readers: [reader, stock], resource });
  const checks = Array.from(
    { length: checkCount },
    (_, index) => new Order({ name: `orders-${index}`, url: `https://shop-${index}.example/api/orders` }),
  );
  const monitor = new HealthMonitor(checks, { observe: producer.observe, logger: silent });
  await monitor.report();
  const application = new Koa().use(metricsRouter(reader).routes());
  const server = createServer(application.callback()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const scraper = new Worker(new URL("support/metrics-scraper.ts", import.meta.url), {
    workerData: `http://127.0.0.1:${port}/metrics`,
  });
  try {
    const metrics = {
      ours: oursFrom(await reader.collect(), producer),
      stock: (await stock.collect()).resourceMetrics,
    };
    return await measure(metrics, scraper);
  } finally {
    await scraper.terminate();
    server.close();
    await monitor.close();
    await provider.shutdown();
  }
}

/** The same series for both: ours makes the checks' points as it writes them, the stock exporter is given them. */
interface Metrics {
  readonly ours: () => WritableMetrics;
  readonly stock: ResourceMetrics;
}

/** As the server's reader combines them for each scrape. */
function oursFrom({ resourceMetrics }: CollectionResult, producer: CheckMetricProducer): () => WritableMetrics {
  const { resource, scopeMetrics } = resourceMetrics;
  return () => ({ resource, scopeMetrics: [...scopeMetrics, { scope, metrics: producer.metrics() }] });
}

/** The longest turn of the event loop during one answer, in milliseconds. */
interface LongestTurn {
  /** In this thread's processor time, which is our own part of the turn. */
  readonly busy: number;
  /** By the clock, which includes other programs on a machine that is in use. */
  readonly elapsed: number;
}

/**
 * Measures everything in alternating rounds, so that other work of the machine affects all alike, and collects the garbage of
 * the one before first, so that no one pays for another's.
 */
async function measure(metrics: Metrics, scraper: Worker): Promise<Figure[]> {
  const stock = new PrometheusSerializer();
  const series = verifySeries(metrics, stock);
  const times = {
    stock: [] as number[],
    openmetrics: [] as number[],
    prometheus: [] as number[],
    protobuf: [] as number[],
  };
  const answers = { identity: [] as number[], gzip: [] as number[] };
  const longestTurns = { identity: [] as LongestTurn[], gzip: [] as LongestTurn[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const encoding of ["identity", "gzip"] as const) {
      collectGarbage();
      longestTurns[encoding].push(await longestTurnOf(() => scrape(scraper, encoding, series)));
      answers[encoding].push(await scrape(scraper, encoding, series));
    }
    times.stock.push(millisecondsFor(() => stock.serialize(metrics.stock)));
    times.openmetrics.push(millisecondsFor(() => write(metrics.ours(), "openmetrics")));
    times.prometheus.push(millisecondsFor(() => write(metrics.ours(), "prometheus")));
    times.protobuf.push(millisecondsFor(() => protobufOf(metrics.ours())));
  }
  const named = series.toLocaleString("en");
  const yardstickValue = lowerQuartile(times.stock);
  const againstStock = (name: string, value: number, whenMissed?: string): Figure => ({
    name,
    value,
    unit: "ms",
    yardstick: "the stock exporter's serialisation of the same data",
    yardstickValue,
    ratio: value / yardstickValue,
    bound: 0.25,
    boundIs: "at most",
    ...(whenMissed !== undefined && { whenMissed }),
  });
  const encodings = [
    ["identity", "uncompressed"],
    ["gzip", "compressed"],
  ] as const;
  return [
    againstStock(`${named} series written as OpenMetrics, with exemplars`, lowerQuartile(times.openmetrics)),
    againstStock(`${named} series written as Prometheus text`, lowerQuartile(times.prometheus)),
    againstStock("The same in protobuf, with native histograms beside the classic ones", lowerQuartile(times.protobuf)),
    ...encodings.flatMap(([encoding, how]) => [
      againstStock(
        `A whole answer of /metrics with ${named} series, ${how}, including collection and HTTP`,
        lowerQuartile(answers[encoding]),
        "measured by the clock, in which the client and zlib's thread share the cores with other work of the machine",
      ),
      againstLongestTurn(`The longest turn of the event loop during such an answer, ${how}`, longestTurns[encoding]),
    ]),
  ];
}

function againstLongestTurn(name: string, longestTurns: readonly LongestTurn[]): Figure {
  const value = Math.max(...longestTurns.map(({ busy }) => busy));
  const elapsed = longestTurns.map((turn) => turn.elapsed);
  return {
    name,
    value,
    unit: "ms",
    yardstick: `${longestTurnMilliseconds} ms`,
    yardstickValue: longestTurnMilliseconds,
    ratio: value / longestTurnMilliseconds,
    bound: 1,
    boundIs: "at most",
    note:
      `processor time, the worst of ${longestTurns.length} answers; by the clock, with other work of the machine, ` +
      `${lowerQuartile(elapsed).toFixed(1)} ms in the lower quartile and ${Math.max(...elapsed).toFixed(1)} ms at worst`,
  };
}

/**
 * Makes sure that all write the same series of all checks, with exemplars in OpenMetrics.
 * @returns the number of series
 */
function verifySeries({ ours, stock }: Metrics, serializer: PrometheusSerializer): number {
  const openMetrics = write(ours(), "openmetrics");
  const series = countSeries(serializer.serialize(stock));
  verifyBetween("series that the stock exporter writes", series, 0.999 * seriesCount, 1.001 * seriesCount);
  verifyEqual("series written as OpenMetrics", countSeries(openMetrics), series);
  verifyEqual("series written as Prometheus text", countSeries(write(ours(), "prometheus")), series);
  verifyEqual("exemplars", openMetrics.match(/ # \{trace_id="/g)?.length, checkCount);
  verifyEqual("checks with a run", runsByCheck(openMetrics).size, checkCount);
  return series;
}

/** Lets the other thread ask once, and returns how many milliseconds the answer took. */
async function scrape(scraper: Worker, encoding: string, series: number): Promise<number> {
  scraper.postMessage(encoding);
  const [answer] = (await once(scraper, "message")) as [Scrape | string]; // All that it sends.
  if (typeof answer === "string") throw new Error(`the scrape failed: ${answer}`);
  const { milliseconds, ...found } = answer;
  verifyEqual("the answer of /metrics", found, { status: 200, encoding, series });
  return milliseconds;
}

/** Measures each turn of the event loop meanwhile, which takes time itself. */
async function longestTurnOf(action: () => Promise<unknown>): Promise<LongestTurn> {
  let busy = 0;
  let elapsed = 0;
  let last = { clock: performance.now(), processor: threadMilliseconds() };
  let running = true;
  const tick = (): void => {
    const now = { clock: performance.now(), processor: threadMilliseconds() };
    elapsed = Math.max(elapsed, now.clock - last.clock);
    busy = Math.max(busy, now.processor - last.processor);
    last = now;
    if (running) setImmediate(tick);
  };
  setImmediate(tick);
  await action();
  running = false;
  return { busy, elapsed };
}

function threadMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

function protobufOf(metrics: WritableMetrics): number {
  let length = 0;
  for (const chunk of writeProtobuf(metrics, { classic: true, native: true }, () => {})) length += chunk.length;
  return length;
}

function write(metrics: WritableMetrics, exposition: Exposition): string {
  return [
    ...writeMetrics(metrics, exposition, (problem) => verifyEqual("what cannot be written", problem, undefined)),
  ].join("");
}

function millisecondsFor(action: () => void): number {
  collectGarbage();
  const startedAt = performance.now();
  action();
  return performance.now() - startedAt;
}

/** Lower than the median, so that other work of the machine weighs less; the same for all. */
function lowerQuartile(values: readonly number[]): number {
  return quantile(values, 0.25);
}
