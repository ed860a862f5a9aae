import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { letYoungGenerationGrow, tuneGarbageCollector } from "../../../src/app/tune-garbage-collector.ts";
import type { HistoryBucket } from "../../../src/health/history/history.ts";
import { openHistory } from "../../../src/store/open-history.ts";
import { randomNumbers } from "../../../test/support/history/simulated-life.ts";
import { type SimulatedCheck, SimulatedWatch } from "../../../test/support/history/simulated-watch.ts";

/**
 * Lets a history live through simulated hours in a process of its own, so that its memory is its alone. Started with --expose-gc;
 * sends its observation to its parent.
 */

export interface HistoryTask {
  readonly hours: number;
  readonly checks: number;
}

/** What was seen at the end of an hour; memory in bytes. */
export interface HourSample {
  readonly hour: number;
  /** Of the whole process, the store's thread included. */
  readonly resident: number;
  /** Of the main thread, after a garbage collection. */
  readonly heap: number;
  /** The database with its write-ahead log. */
  readonly disk: number;
}

export interface HistoryObservation {
  readonly runs: number;
  /** In real time. */
  readonly seconds: number;
  readonly hours: readonly HourSample[];
  /** From handing over what happened to the answer of the thread that has written it, in milliseconds, sorted. */
  readonly writes: Float64Array;
  /** How many bytes the closed database has. */
  readonly bytesAtEnd: number;
  /** What SQLite says of it: `ok`. */
  readonly integrity: string;
  /** What there should be, and what the database told after a restart at the end. */
  readonly lived: Counts;
  readonly told: Counts;
  /** What the log said. */
  readonly lines: readonly string[];
}

export interface Counts {
  readonly runs: number;
  readonly failures: number;
  readonly incidents: number;
  readonly checksThatMeasured: number;
  readonly unhealthySeconds: number;
}

const second = 1000;
const hour = 3_600_000;
const intervalMilliseconds = 15 * second;
/** As often as history hands over what has happened. */
const turnMilliseconds = 1500;
const turnsPerInterval = intervalMilliseconds / turnMilliseconds;
/** How often a reader looks at a page. */
const turnsPerPage = 40;
const startsAt = Date.UTC(2027, 2, 14);

const { hours, checks: checkCount }: HistoryTask = JSON.parse(process.argv[2] ?? "{}");
const random = randomNumbers(14);
let runs = 0;
let failures = 0;
let incidents = 0;

/** Down about once in eight hours, for ten runs or so; every fifth measures something. */
function simulated(index: number): SimulatedCheck {
  let failingRuns = 0;
  const message = `connection refused by 10.0.0.${index % 256}`;
  const failure = { kind: "Unavailable", message, reason: "connection_refused" } as const;
  return {
    identity: { name: `check ${index}`, type: "http", labels: { url: `http://10.0.0.${index % 256}/` } },
    run: () => {
      runs += 1;
      if (failingRuns > 0) failingRuns -= 1;
      else if (random() < 1 / 2000) {
        failingRuns = 1 + Math.floor(20 * random());
        incidents += 1;
      }
      const durationSeconds = 0.01 * (1 + (index % 10)) * (0.5 + random());
      const measures =
        index % 5 === 0 ? [{ name: "queue", unit: "{jobs}", value: Math.round(1000 * random()) }] : undefined;
      if (failingRuns === 0) return { state: "healthy", durationSeconds, measures };
      failures += 1;
      return { state: "unhealthy", failure, durationSeconds, measures } as const;
    },
  };
}

const folder = await mkdtemp(join(tmpdir(), "healthspan-"));
const path = join(folder, "history.db");
const lines: string[] = [];
const say = (_: object, message: string): void => void lines.push(message);
const logger = { info: say, warn: say, error: say };
let now = startsAt;
const clocks = { wall: () => now, monotonic: () => now };
const checks = Array.from({ length: checkCount }, (_, index) => simulated(index));
const turns = Array.from({ length: turnsPerInterval }, (_, turn) =>
  checks.filter((_, index) => index % turnsPerInterval === turn),
);
const names = checks.map(({ identity }) => identity.name);

tuneGarbageCollector(); // As the server does.
const startedAt = performance.now();
const history = await openHistory({ path, logger, clocks });
const watch = new SimulatedWatch(checks, intervalMilliseconds);
history.begin(watch);
letYoungGenerationGrow();
const samples: HourSample[] = [];
const writes: number[] = [];
const turnCount = (hours * hour) / turnMilliseconds;
for (let turn = 0; turn < turnCount; turn += 1) {
  now = startsAt + turn * turnMilliseconds;
  for (const check of turns[turn % turnsPerInterval] ?? []) history.observed(watch.observe(check, now));
  const handedOverAt = performance.now();
  await history.incidents({ checks: [], limit: 1 }); // What was observed before is written before this is answered.
  writes.push(performance.now() - handedOverAt);
  if (turn % turnsPerPage === 0) {
    await history.buckets(names.slice(0, 60), "24h");
    await history.measures(names[0] ?? "", "7d");
    await history.incidents({ checks: names, limit: 50 });
  }
  if ((turn + 1) % (hour / turnMilliseconds) === 0) samples.push(await sample((turn + 1) / (hour / turnMilliseconds)));
}
now = startsAt + hours * hour;
await history.close();
const seconds = (performance.now() - startedAt) / 1000;

const restarted = await openHistory({ path, logger, clocks });
restarted.begin(new SimulatedWatch(checks, intervalMilliseconds, restarted.remembered));
const told = await counted();
await restarted.close();
const database = new DatabaseSync(path, { readOnly: true });
const integrity = String(Object.values(database.prepare("PRAGMA integrity_check").get() ?? {})[0]);
database.close();
const observation: HistoryObservation = {
  runs,
  seconds,
  hours: samples,
  writes: new Float64Array(writes).toSorted(),
  bytesAtEnd: await sizeOf(path),
  integrity,
  lived: {
    runs,
    failures,
    incidents,
    checksThatMeasured: checks.filter((_, index) => index % 5 === 0).length,
    unhealthySeconds: (failures * intervalMilliseconds) / second,
  },
  told,
  lines,
};
await rm(folder, { recursive: true });
process.send?.(observation, undefined, undefined, () => process.exit());

async function sample(hourNumber: number): Promise<HourSample> {
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss: resident, heapUsed: heap } = process.memoryUsage();
  return { hour: hourNumber, resident, heap, disk: (await sizeOf(path)) + (await sizeOf(`${path}-wal`)) };
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => ({ size: 0 }))).size; // There is no log before the first write.
}

/** What the database tells of the whole time. */
async function counted(): Promise<Counts> {
  const buckets: HistoryBucket[] = [];
  for (let from = 0; from < names.length; from += 100) {
    for (const own of (await restarted.buckets(names.slice(from, from + 100), "90d")).values()) buckets.push(...own);
  }
  const sum = (of: (bucket: HistoryBucket) => number): number =>
    buckets.reduce((total, bucket) => total + of(bucket), 0);
  let measured = 0;
  for (const name of names) if ((await restarted.measures(name, "90d")).length > 0) measured += 1;
  return {
    runs: sum((bucket) => bucket.runs),
    failures: sum((bucket) => bucket.failures),
    incidents: (await restarted.incidents({ checks: names, limit: 10_000_000 })).length,
    checksThatMeasured: measured,
    unhealthySeconds: sum((bucket) => bucket.seconds.unhealthy),
  };
}
