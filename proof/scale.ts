import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fetchServers, serversFolder } from "../scripts/fetch-servers.ts";
import { Asker, quantile } from "./support/asker.ts";
import { buildPackage } from "./support/built-package.ts";
import { type Finding, figure } from "./support/finding.ts";
import { bucketsOf, quantileBetween } from "./support/histogram.ts";
import { cpuSeconds, memoryMegabytes } from "./support/process-use.ts";
import { startPrometheus } from "./support/prometheus.ts";
import { httpChecks, serve } from "./support/served.ts";
import { startTarget, untilAllAreAskedFor } from "./support/target.ts";
import { markdownTable, type Results } from "./support/write-results.ts";

export interface ScaleOptions {
  readonly checks: number;
  readonly intervalSeconds: number;
  /** How long after all checks have run the measurement begins. */
  readonly settleSeconds: number;
  readonly measureSeconds: number;
  /** How often `/health/` is asked for meanwhile. */
  readonly healthEverySeconds: number;
  /** Where Prometheus is, which scrapes meanwhile at the checks' interval; without it nobody does. */
  readonly prometheus: string | undefined;
  /** The server's program. Default: that of the checkout. */
  readonly command?: string;
  readonly nodeOptions?: readonly string[];
}

/** What so many checks cost. */
export interface ScaleMeasurement {
  readonly checks: number;
  /** Runs a second as the target saw them, and as the schedule asks for. */
  readonly runsPerSecond: number;
  readonly plannedRunsPerSecond: number;
  /** Share of one core. */
  readonly cores: number;
  readonly memoryMegabytes: number;
  readonly peakMemoryMegabytes: number;
  readonly lag99Seconds: number;
  readonly eventLoopDelay99Seconds: number;
  readonly health99Milliseconds: number;
  readonly healthMedianMilliseconds: number;
  readonly healthBytes: number;
  /** How many answers were not 200. */
  readonly failedAnswers: number;
  readonly scrapes: number;
  /** How many series a scrape had, and how long it took at most; not a number without Prometheus. */
  readonly series: number;
  readonly longestScrapeSeconds: number;
  readonly failedScrapes: number;
  /** How the server ended when it was told to stop. */
  readonly exitCode: number | null;
}

/** What stands for an answer that did not come, so that the other figures are still told. */
const noAnswer = { status: 0, milliseconds: Number.POSITIVE_INFINITY, body: "" };

/** Lets a server run so many checks of a local target, and measures what it costs while it is scraped and asked. */
export async function measureScale(options: ScaleOptions): Promise<ScaleMeasurement> {
  const { checks, intervalSeconds, settleSeconds, measureSeconds, healthEverySeconds, prometheus } = options;
  await using target = await startTarget();
  await using server = await serve({
    command: options.command,
    configuration: httpChecks(checks, target.url, { interval: `${intervalSeconds}s`, timeout: "5s" }),
    nodeOptions: options.nodeOptions ?? [],
  });
  const asker = new Asker(server.url);
  try {
    // Not asked for /health/ before all have run: that would start the runs that it misses.
    await untilAllAreAskedFor(target, checks, intervalSeconds);
    await using scraper =
      prometheus === undefined ? undefined : await startPrometheus(prometheus, server.url, `${intervalSeconds}s`);
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
    const window = `[${Math.ceil(seconds + settleSeconds)}s]`;
    const read = async (expression: string): Promise<number> => (await scraper?.query(expression))?.[0] ?? Number.NaN;
    return {
      checks,
      runsPerSecond: requests / seconds,
      plannedRunsPerSecond: checks / intervalSeconds,
      cores,
      memoryMegabytes: memory.now,
      peakMemoryMegabytes: memory.peak,
      lag99Seconds: between("healthspan_scheduler_lag_seconds"),
      eventLoopDelay99Seconds: between("healthspan_event_loop_delay_seconds"),
      health99Milliseconds: quantile(times, 0.99),
      healthMedianMilliseconds: quantile(times, 0.5),
      healthBytes: answers.at(-1)?.bytes ?? 0,
      failedAnswers: answers.filter(({ status }) => status !== 200).length,
      scrapes: await read(`count_over_time(up${window})`),
      series: await read("scrape_samples_scraped"),
      longestScrapeSeconds: await read(`max_over_time(scrape_duration_seconds${window})`),
      failedScrapes: await read(`count_over_time(up${window}) - sum_over_time(up${window})`),
      exitCode: await server.stop(),
    };
  } finally {
    asker.close();
  }
}

/** What so many checks may cost. */
export interface ScaleBounds {
  readonly cores: number;
  readonly memoryMegabytes: number;
  readonly lagSeconds: number;
  readonly healthMilliseconds: number;
}

/** Puts what was measured beside its bounds. */
export function judge(measured: ScaleMeasurement, bounds: ScaleBounds): Finding[] {
  const share = measured.runsPerSecond / measured.plannedRunsPerSecond;
  const withPrometheus = Number.isFinite(measured.scrapes);
  return [
    { name: "Processor time, of one core", value: measured.cores, unit: "", bound: { atMost: bounds.cores } },
    {
      name: "Resident memory at the end",
      value: measured.memoryMegabytes,
      unit: "MB",
      bound: { atMost: bounds.memoryMegabytes },
    },
    { name: "Resident memory at most", value: measured.peakMemoryMegabytes, unit: "MB" },
    {
      name: "Scheduler lag, 99th percentile",
      value: measured.lag99Seconds * 1000,
      unit: "ms",
      bound: { atMost: bounds.lagSeconds * 1000 },
    },
    { name: "Event loop delay, 99th percentile", value: measured.eventLoopDelay99Seconds * 1000, unit: "ms" },
    { name: "Time of `/health/?format=json`, median", value: measured.healthMedianMilliseconds, unit: "ms" },
    {
      name: "Time of `/health/?format=json`, 99th percentile",
      value: measured.health99Milliseconds,
      unit: "ms",
      bound: { atMost: bounds.healthMilliseconds },
    },
    { name: "Size of that answer", value: measured.healthBytes / 1000, unit: "kB" },
    { name: "Answers that were not 200", value: measured.failedAnswers, unit: "", bound: { atMost: 0 } },
    { name: "Runs a second", value: measured.runsPerSecond, unit: "" },
    { name: "Runs, as a share of those that the interval asks for", value: share, unit: "", bound: { atLeast: 0.9 } },
    ...(withPrometheus
      ? [
          { name: "Scrapes by Prometheus", value: measured.scrapes, unit: "", bound: { atLeast: 1 } },
          { name: "Scrapes that failed", value: measured.failedScrapes, unit: "", bound: { atMost: 0 } },
          { name: "Samples of a scrape", value: measured.series, unit: "" },
          { name: "Time of a scrape, at most", value: measured.longestScrapeSeconds, unit: "s" },
        ]
      : []),
    { name: "Exit code", value: measured.exitCode ?? -1, unit: "", bound: { atMost: 0 } },
  ];
}

/** As Healthspan promises for 10,000 checks. */
const promised: ScaleBounds = { cores: 0.35, memoryMegabytes: 450, lagSeconds: 0.1, healthMilliseconds: 50 };

/** The whole proof. */
export async function prove(): Promise<Results> {
  await using built = await buildPackage();
  await fetchServers();
  const measurements: ScaleMeasurement[] = [];
  for (const checks of [1000, 3000, 10_000, 30_000]) {
    const measured = await measureScale({
      checks,
      intervalSeconds: 15,
      settleSeconds: 5,
      measureSeconds: 45,
      healthEverySeconds: 0.5,
      prometheus: join(serversFolder, "usr/bin/prometheus"),
      command: built.command,
    });
    measurements.push(measured);
  }
  const promisedFor = measurements.find(({ checks }) => checks === 10_000);
  return {
    name: "scale",
    title: "Scale",
    description:
      "HTTP checks run every 15 s against a local server, each over a connection of its own, while Prometheus scrapes `/metrics`\nevery 15 s and a client asks for `/health/?format=json` twice a second, for 45 s. Prometheus, the server that is probed and the\nclient share the machine's cores with Healthspan.",
    sections: promisedFor === undefined ? [] : [{ title: "10,000 checks", findings: judge(promisedFor, promised) }],
    more: `## Cost by number of checks\n\n${growth(measurements)}`,
  };
}

/** That the cost grows in proportion to the number of checks. */
function growth(measurements: readonly ScaleMeasurement[]): string {
  return markdownTable([
    [
      "checks",
      "cores",
      "cores per 1,000 checks",
      "memory",
      "lag p99",
      "/health/ p99",
      "longest scrape",
      "samples",
      "runs",
    ],
    ...measurements.map((measured) => [
      measured.checks.toLocaleString("en"),
      figure(measured.cores, ""),
      figure((measured.cores * 1000) / measured.checks, ""),
      figure(measured.memoryMegabytes, "MB"),
      figure(measured.lag99Seconds * 1000, "ms"),
      figure(measured.health99Milliseconds, "ms"),
      figure(measured.longestScrapeSeconds, "s"),
      measured.series.toLocaleString("en"),
      `${figure((100 * measured.runsPerSecond) / measured.plannedRunsPerSecond, "")} %`,
    ]),
  ]);
}
