import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Http } from "../src/checks/http.ts";
import { HealthMonitor } from "../src/engine/monitor.ts";
import { openHistory } from "../src/store/open-history.ts";
import type { Figure } from "./support/figure.ts";
import { httpChecks } from "./support/http-checks.ts";
import { median } from "./support/quantile.ts";
import { serve } from "./support/serve.ts";
import { startTarget, type Target } from "./support/target.ts";
import { verifyEqual } from "./support/verify.ts";

const checkCount = 10_000;
const intervalMilliseconds = 15_000;

/** With and without are measured in turns, as often. */
const phases = 2;
const roundsOfPhase = 3;

/** Starts of each kind. */
const rounds = 5;

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** What it costs to keep history of 10,000 checks, and to have it at the start. */
export async function benchHistory(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "healthspan-bench-"));
  await using target = await startTarget();
  try {
    return [await overhead(target, join(folder, "overhead.db")), await restart(target, join(folder, "restart.db"))];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Processor time of all threads in one interval, in which each check runs once. */
async function overhead(target: Target, path: string): Promise<Figure> {
  const measured = { without: [] as number[], with: [] as number[] };
  for (let phase = 0; phase < phases; phase += 1) {
    for (const kind of ["without", "with"] as const) {
      // Made anew each time: a history that is open writes, whoever is measured.
      const history = kind === "with" ? await openHistory({ path, logger: silent }) : undefined;
      const monitor = new HealthMonitor(httpChecksIn(target), { logger: silent, ...(history && { history }) });
      await monitor.report(); // The first one opens what the others keep.
      for (let round = 0; round < roundsOfPhase; round += 1) measured[kind].push(await cpuSecondsOf(monitor));
      if (history !== undefined) {
        verifyEqual("the checks of which history is known", (await history.buckets(["c0", "c9999"], "24h")).size, 2);
      }
      await monitor.close();
      await history?.close();
    }
  }
  const [value, yardstickValue] = [median(measured.with), median(measured.without)];
  return {
    name: "10,000 HTTP checks once in 15 s with `store`: processor time of all threads",
    value,
    unit: "s",
    yardstick: "the same without history",
    yardstickValue,
    ratio: value / yardstickValue,
    bound: 1.1,
    boundIs: "at most",
    whenMissed: "the machine does something else, or a bucket of five minutes has ended in a round",
  };
}

function httpChecksIn({ url }: Target): readonly Http[] {
  return Array.from({ length: checkCount }, (_, index) => new Http({ name: `c${index}`, url: `${url}/c${index}` }));
}

/** What is written after the runs counts, until the interval ends. */
async function cpuSecondsOf(monitor: HealthMonitor): Promise<number> {
  const endsAt = performance.now() + intervalMilliseconds;
  const before = process.cpuUsage();
  await monitor.report();
  await wait(endsAt - performance.now());
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** From the start of the server until it listens. */
async function restart(target: Target, path: string): Promise<Figure> {
  const plain = httpChecks(checkCount, target.url, { interval: "15s", timeout: "5s" });
  const stored = `store: ${path}\n${plain}`;
  {
    await using server = await serve({ configuration: stored });
    await wait(2 * intervalMilliseconds); // Each check has run.
    verifyEqual("the exit code", await server.stop(), 0);
  }
  const measured = { without: [] as number[], with: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const [kind, configuration] of [
      ["without", plain],
      ["with", stored],
    ] as const) {
      const startedAt = performance.now();
      await using server = await serve({ configuration });
      measured[kind].push(performance.now() - startedAt);
      await server.stop();
    }
  }
  const later = median(measured.with) - median(measured.without);
  return {
    name: "A start with what was kept of 10,000 checks: how much later the server listens than without",
    value: later,
    unit: "ms",
    yardstick: "a second",
    yardstickValue: 1000,
    ratio: later / 1000,
    bound: 1,
    boundIs: "at most",
    note: `it listens after ${median(measured.with).toFixed(0)} ms`,
  };
}
