import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { buildPackage } from "./support/built-package.ts";
import type { Figure } from "./support/figure.ts";
import { httpChecks } from "./support/http-checks.ts";
import { countSeries } from "./support/metric-text.ts";
import { cpuSeconds, memoryMegabytes } from "./support/process-use.ts";
import { quantile } from "./support/quantile.ts";
import { scrape, type scrapeFormats } from "./support/scrape.ts";
import { type Served, serve } from "./support/serve.ts";
import { startTarget, untilAllAreAskedFor } from "./support/target.ts";
import { verifyBetween } from "./support/verify.ts";

const checkCount = 10_000;
const intervalSeconds = 15;

/** A check has 30 series, of which its status, its runs and its uptime wait for the first run. */
const fewestSeries = 26 * checkCount;
const mostSeries = 30 * checkCount + 200;

const bounds = {
  cores: 0.3,
  megabytes: 300,
  startMilliseconds: 2000,
  milliseconds: { text: 300, protobuf: 200 },
  turnMilliseconds: 20,
} as const;

/** The server is scraped once in each. */
const measuredIntervals = 6;

/** For the time of a scrape, and for what it does to the event loop. */
const scrapes = 9;

type Format = keyof typeof scrapeFormats;

/** What 10,000 HTTP checks cost: each runs every 15 s over a new connection, and Prometheus scrapes as often. */
export async function benchTenThousand(): Promise<Figure[]> {
  await using built = await buildPackage();
  await using target = await startTarget();
  const configuration = httpChecks(checkCount, target.url, { interval: `${intervalSeconds}s`, timeout: "5s" });
  const nodeOptions = [`--import=${fileURLToPath(new URL("support/turn-meter.mjs", import.meta.url))}`];
  const startedAt = performance.now();
  await using server = await serve({ command: built.command, configuration, nodeOptions });
  const listensAt = performance.now();
  const first = await scrape(server.url, "text");
  const firstAt = performance.now();
  verifyBetween("series of the first scrape", countSeries(first.body().toString()), fewestSeries, mostSeries);

  await untilAllAreAskedFor(target, checkCount, intervalSeconds);
  await target.forget();
  const [measuredFrom, before] = [performance.now(), await cpuSeconds(server.pid)];
  for (let interval = 1; interval <= measuredIntervals; interval += 1) {
    await scrape(server.url, "text");
    await wait(measuredFrom + interval * intervalSeconds * 1000 - performance.now());
  }
  const seconds = (performance.now() - measuredFrom) / 1000;
  const cores = ((await cpuSeconds(server.pid)) - before) / seconds;
  const { now: megabytes } = await memoryMegabytes(server.pid);
  const { requests } = await target.read();
  const planned = (checkCount * seconds) / intervalSeconds;
  verifyBetween("runs that the target saw", requests, 0.95 * planned, 1.05 * planned);

  const text = await measureScrapes(server, "text");
  const protobuf = await measureScrapes(server, "protobuf");
  return [
    atMost(`${of}: processor time, scrapes included`, cores, bounds.cores, "of a core"),
    {
      ...atMost(`${of}: resident memory`, megabytes, bounds.megabytes, "MB"),
      whenMissed:
        "V8's heap is half of it, the young generation's 34 MB included; Node.js itself is 55 MB, what sockets and zlib allocate 60 MB",
    },
    {
      ...atMost(
        "From the start to the end of the first scrape, with 10,000 checks",
        firstAt - startedAt,
        bounds.startMilliseconds,
        "ms",
      ),
      note: `it listens after ${(listensAt - startedAt).toFixed(0)} ms`,
      whenMissed:
        "two thirds of its processor time pass before it listens: YAML is read, checks are made, and a sixth of all is the collection of garbage",
    },
    scrapeFigure("text", text),
    scrapeFigure("protobuf", protobuf),
    turnFigure("text", text),
    turnFigure("protobuf", protobuf),
  ];
}

const of = "10,000 HTTP checks every 15 s, each over a new connection";

/** Of each scrape. */
interface ScrapeMeasurement {
  readonly milliseconds: readonly number[];
  /** The longest turn of the event loop, in milliseconds of processor time. */
  readonly longestTurns: readonly number[];
}

/** Times and turns apart: who measures each turn keeps the event loop from resting. */
async function measureScrapes(server: Served, format: Format): Promise<ScrapeMeasurement> {
  const milliseconds: number[] = [];
  for (let index = 0; index < scrapes; index += 1) milliseconds.push((await scrape(server.url, format)).milliseconds);
  const longestTurns: number[] = [];
  for (let index = 0; index < scrapes; index += 1) {
    await server.ask({});
    await scrape(server.url, format);
    const longest = (await server.ask({})) as { readonly milliseconds: number }; // As the module answers.
    longestTurns.push(longest.milliseconds);
  }
  return { milliseconds, longestTurns };
}

function scrapeFigure(format: Format, { milliseconds }: ScrapeMeasurement): Figure {
  const name = `A scrape of 10,000 checks as ${format}, compressed, while they run`;
  return {
    ...atMost(name, quantile(milliseconds, 0.25), bounds.milliseconds[format], "ms"),
    note: `the lower quartile of ${scrapes}; the longest took ${Math.max(...milliseconds).toFixed(0)} ms`,
    whenMissed:
      "it takes a quarter of a second of processor time, that of zlib's thread and of the runs meanwhile included; " +
      "by the clock, the target and the client share the cores too",
  };
}

function turnFigure(format: Format, { longestTurns }: ScrapeMeasurement): Figure {
  const name = `The longest turn of the event loop during such a scrape as ${format}`;
  return {
    ...atMost(name, quantile(longestTurns, 0.5), bounds.turnMilliseconds, "ms"),
    note:
      `processor time, with that of runs and of garbage collection, the median of ${scrapes} scrapes; ` +
      `the worst ${Math.max(...longestTurns).toFixed(1)} ms`,
  };
}

function atMost(name: string, value: number, limit: number, unit: string): Figure {
  return {
    name,
    value,
    unit,
    yardstick: "its limit",
    yardstickValue: limit,
    ratio: value / limit,
    bound: 1,
    boundIs: "at most",
  };
}
