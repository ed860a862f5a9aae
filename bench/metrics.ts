import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import Koa from "koa";
import { z } from "zod";
import { HealthMonitor } from "../src/engine/monitor.ts";
import { healthCheck } from "../src/health/health-check.ts";
import { metricsRouter } from "../src/server/routes/metrics.ts";
import { CheckMetricProducer } from "../src/telemetry/metrics/check-metric-producer.ts";
import type { Exposition } from "../src/telemetry/open-metrics/exposition.ts";
import { PrometheusReader } from "../src/telemetry/open-metrics/prometheus-reader.ts";
import { writeMetrics } from "../src/telemetry/open-metrics/write-metrics.ts";
import type { Figure } from "./support/figure.ts";

/** A check has 26 series: ten gauges, and a histogram of 14 buckets, a sum and a count. */
const checkCount = 1923;
const rounds = 25;
const longestTurnMilliseconds = 20;

class Order extends healthCheck({ labels: { url: z.string(), method: z.string().default("GET") } }) {
  async run(): Promise<void> {}
}

const silent = { info() {}, warn() {}, error() {} };

/** What `/metrics` with 50,000 series costs, and how long it keeps everything else waiting. */
export async function benchMetrics(): Promise<Figure[]> {
  new NodeTracerProvider().register(); // So that there are exemplars.
  const producer = new CheckMetricProducer();
  const reader = new PrometheusReader({ checks: producer });
  const resource = resourceFromAttributes({ "service.name": "bench" });
  const provider = new MeterProvider({ readers: [reader], resource });
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
    const { resourceMetrics } = await reader.collect();
    return await measure(resourceMetrics, scraper);
  } finally {
    await scraper.terminate();
    server.close();
    await monitor.close();
    await provider.shutdown();
  }
}

/** What one answer did to the event loop, at worst, in milliseconds. */
interface LongestTurn {
  /** Of this thread's processor time: what of the turn is our own doing. */
  readonly busy: number;
  /** By the clock: other programs' turns on a machine that is in use are in it. */
  readonly elapsed: number;
}

/**
 * Measures everything in turns, so that whatever else the machine does is shared by all; and clears away before each what
 * the one before has left, for which it would have to wait.
 */
async function measure(resourceMetrics: ResourceMetrics, scraper: Worker): Promise<Figure[]> {
  const stock = new PrometheusSerializer();
  const times = { stock: [] as number[], openmetrics: [] as number[], prometheus: [] as number[] };
  const answers = { identity: [] as number[], gzip: [] as number[] };
  const longestTurns = { identity: [] as LongestTurn[], gzip: [] as LongestTurn[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const encoding of ["identity", "gzip"] as const) {
      collectGarbage();
      longestTurns[encoding].push(await longestTurnOf(() => scrape(scraper, encoding)));
      answers[encoding].push(await scrape(scraper, encoding));
    }
    times.stock.push(millisecondsFor(() => stock.serialize(resourceMetrics)));
    times.openmetrics.push(millisecondsFor(() => write(resourceMetrics, "openmetrics")));
    times.prometheus.push(millisecondsFor(() => write(resourceMetrics, "prometheus")));
  }
  const series = write(resourceMetrics, "prometheus").match(/^[^#]/gm)?.length.toLocaleString("en");
  const yardstickValue = lowerQuartile(times.stock);
  const againstStock = (name: string, value: number): Figure => ({
    name,
    value,
    unit: "ms",
    yardstick: "the stock exporter's serialisation of the same data",
    yardstickValue,
    ratio: value / yardstickValue,
    bound: 0.25,
    boundIs: "at most",
  });
  const encodings = [
    ["identity", "not zipped"],
    ["gzip", "zipped"],
  ] as const;
  return [
    againstStock(`${series} series written as OpenMetrics, with exemplars`, lowerQuartile(times.openmetrics)),
    againstStock(`${series} series written as Prometheus text`, lowerQuartile(times.prometheus)),
    ...encodings.flatMap(([encoding, how]) => [
      againstStock(
        `A whole answer of /metrics with ${series} series, ${how}, collection and HTTP included`,
        lowerQuartile(answers[encoding]),
      ),
      againstLongestTurn(`The longest time the event loop was held by such an answer, ${how}`, longestTurns[encoding]),
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
      `processor time, the worst of ${longestTurns.length} answers; by the clock, with what else the machine did, ` +
      `${lowerQuartile(elapsed).toFixed(1)} ms in the better quarter and ${Math.max(...elapsed).toFixed(1)} ms at worst`,
  };
}

/** Has the other thread ask once, and says how many milliseconds the answer took. */
async function scrape(scraper: Worker, encoding: string): Promise<number> {
  scraper.postMessage(encoding);
  const [milliseconds] = await once(scraper, "message");
  if (typeof milliseconds !== "number") throw new Error(`the scrape failed: ${milliseconds}`);
  return milliseconds;
}

/** Looks how long the event loop takes for each of its turns meanwhile, which takes time itself. */
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

function write(resourceMetrics: ResourceMetrics, exposition: Exposition): string {
  return [...writeMetrics(resourceMetrics, exposition, () => {})].join("");
}

function millisecondsFor(action: () => void): number {
  collectGarbage();
  const startedAt = performance.now();
  action();
  return performance.now() - startedAt;
}

/** Lower than the median, so that what else the machine does weighs less; the same for all. */
function lowerQuartile(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 4)] ?? Number.NaN;
}
