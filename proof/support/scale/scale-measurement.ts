import { setTimeout as wait } from "node:timers/promises";
import { httpChecks } from "../../../bench/support/http-checks.ts";
import { cpuSeconds, memoryMegabytes } from "../../../bench/support/process-use.ts";
import { quantile } from "../../../bench/support/quantile.ts";
import { serve } from "../../../bench/support/serve.ts";
import { startTarget, untilAllAreAskedFor } from "../../../bench/support/target.ts";
import { type Prometheus, startPrometheus } from "../../../test/support/prometheus.ts";
import { Asker } from "../asker.ts";
import { bucketsOf, quantileBetween } from "../histogram.ts";

export interface ScaleOptions {
  readonly checks: number;
  readonly intervalSeconds: number;
  /** The time between the first run of the last check and the measurement. */
  readonly settleSeconds: number;
  readonly measureSeconds: number;
  /** How often `/health/` is asked for meanwhile. */
  readonly healthEverySeconds: number;
  /** The path of Prometheus, which scrapes meanwhile at the checks' interval. Without it nothing scrapes. */
  readonly prometheus: string | undefined;
  /** Whether it asks for native histograms, in protobuf. */
  readonly native?: boolean;
  /** The server's program. Default: that of the checkout. */
  readonly command?: string;
  readonly nodeOptions?: readonly string[];
}

/** What Prometheus reports of its scrapes; NaN for what it does not know. */
export interface Scrapes {
  readonly count: number;
  /** The fewest that must fall into the measurement; one may be missed at its edges. */
  readonly planned: number;
  readonly failed: number;
  /** Samples of one scrape, and the time of the longest. */
  readonly samples: number;
  readonly longestSeconds: number;
  /** All that Prometheus holds in memory: its own `prometheus_tsdb_head_series`. */
  readonly headSeries: number;
}

/** What a number of checks costs. */
export interface ScaleMeasurement {
  readonly checks: number;
  /** Runs per second as the target saw them, and as scheduled. */
  readonly runsPerSecond: number;
  readonly plannedRunsPerSecond: number;
  /** Share of one core. */
  readonly cores: number;
  readonly memoryMegabytes: number;
  readonly peakMemoryMegabytes: number;
  readonly lag99Seconds: number;
  readonly eventLoopDelay99Seconds: number;
  readonly answers: number;
  readonly health99Milliseconds: number;
  readonly healthMedianMilliseconds: number;
  readonly healthBytes: number;
  /** How many answers were not 200. */
  readonly failedAnswers: number;
  /** Undefined when no Prometheus was started. */
  readonly scrapes: Scrapes | undefined;
  /** How the server ended after SIGTERM. */
  readonly exitCode: number | null;
}

/** Stands for an answer that did not come, so that the other figures are still reported. */
const noAnswer = { status: 0, milliseconds: Number.POSITIVE_INFINITY, body: "" };

/** Lets a server check a local target, and measures what that costs while the server is scraped and asked. */
export async function measureScale(options: ScaleOptions): Promise<ScaleMeasurement> {
  const { checks, intervalSeconds, settleSeconds, measureSeconds, healthEverySeconds, prometheus, native } = options;
  await using target = await startTarget();
  await using server = await serve({
    command: options.command,
    configuration: httpChecks(checks, target.url, { interval: `${intervalSeconds}s`, timeout: "5s" }),
    nodeOptions: options.nodeOptions ?? [],
  });
  const asker = new Asker(server.url);
  try {
    // Not asked for /health/ before all have run: that would start the missing runs.
    await untilAllAreAskedFor(target, checks, intervalSeconds);
    await using scraper =
      prometheus === undefined
        ? undefined
        : await startPrometheus(
            prometheus,
            scrapeEvery(intervalSeconds, server.url),
            native ? ["native-histograms"] : [],
          );
    await wait(settleSeconds * 1000);

    const metricsBefore = (await asker.ask("/metrics").catch(() => noAnswer)).body;
    await target.forget();
    const [startedAt, cpuBefore] = [performance.now(), await cpuSeconds(server.pid)];
    const answers = [];
    while (performance.now() - startedAt < measureSeconds * 1000) {
      const { status, milliseconds, body } = await asker.ask("/health/?format=json").catch(() => noAnswer);
      answers.push({ status, milliseconds, bytes: body.length });
      await wait(healthEverySeconds * 1000);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const cores = ((await cpuSeconds(server.pid)) - cpuBefore) / seconds;
    const { requests } = await target.read();
    const memory = await memoryMegabytes(server.pid);
    const metricsAfter = (await asker.ask("/metrics").catch(() => noAnswer)).body;
    const times = answers.map(({ milliseconds }) => milliseconds);
    const between = (family: string): number =>
      quantileBetween(bucketsOf(metricsBefore, family), bucketsOf(metricsAfter, family), 0.99);
    return {
      checks,
      runsPerSecond: requests / seconds,
      plannedRunsPerSecond: checks / intervalSeconds,
      cores,
      memoryMegabytes: memory.now,
      peakMemoryMegabytes: memory.peak,
      lag99Seconds: between("healthspan_scheduler_lag_seconds"),
      eventLoopDelay99Seconds: between("healthspan_event_loop_delay_seconds"),
      answers: answers.length,
      health99Milliseconds: quantile(times, 0.99),
      healthMedianMilliseconds: quantile(times, 0.5),
      healthBytes: answers.at(-1)?.bytes ?? 0,
      failedAnswers: answers.filter(({ status }) => status !== 200).length,
      scrapes: scraper && (await scrapesOf(scraper, seconds, intervalSeconds)),
      exitCode: await server.stop(),
    };
  } finally {
    asker.close();
  }
}

/** Its time-out is the default, ten seconds, unless the interval is shorter. */
function scrapeEvery(seconds: number, url: string): object {
  return {
    global: { scrape_interval: `${seconds}s` },
    scrape_configs: [{ job_name: "healthspan", static_configs: [{ targets: [new URL(url).host] }] }],
  };
}

async function scrapesOf(prometheus: Prometheus, seconds: number, intervalSeconds: number): Promise<Scrapes> {
  const window = `[${Math.ceil(seconds)}s]`;
  const read = async (expression: string): Promise<number> => Number((await prometheus.query(expression))[0]?.value);
  return {
    count: await read(`count_over_time(up${window})`),
    planned: Math.max(1, Math.floor(seconds / intervalSeconds) - 1),
    failed: await read(`count_over_time(up${window}) - sum_over_time(up${window})`),
    samples: await read("scrape_samples_scraped"),
    longestSeconds: await read(`max_over_time(scrape_duration_seconds${window})`),
    headSeries: await headSeriesOf(prometheus),
  };
}

/** As `prometheus_tsdb_head_series` has it, which the Prometheus of a proof does not scrape. */
async function headSeriesOf(prometheus: Prometheus): Promise<number> {
  const { headStats } = (await prometheus.ask("status/tsdb")) as { readonly headStats: { readonly numSeries: number } }; // As documented.
  return headStats.numSeries;
}
