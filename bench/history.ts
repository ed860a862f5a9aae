import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as breathe, setTimeout as wait } from "node:timers/promises";
import { Http } from "../src/checks/http.ts";
import { HealthMonitor } from "../src/engine/monitor.ts";
import { openHistory } from "../src/store/open-history.ts";
import { type SimulatedCheck, SimulatedWatch } from "../test/support/history/simulated-watch.ts";
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

/** Starts and turns of each kind. */
const rounds = 5;

/** How often history hands over what has happened. */
const turnMilliseconds = 1500;

/** So that telling it does not hold up anything. */
const observationsAtATime = 50;

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** What it costs to keep history of 10,000 checks, and to have it at the start. */
export async function benchHistory(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "healthspan-bench-"));
  await using target = await startTarget();
  try {
    return [
      ...(await holds(join(folder, "holds.db"))),
      await overhead(target, join(folder, "overhead.db")),
      await restart(target, join(folder, "restart.db")),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** How long history holds up everything else in the main thread, at most, in processor time, while it hands over what 10,000 checks have found. */
async function holds(path: string): Promise<Figure[]> {
  let isDown = false;
  const history = await openHistory({ path, logger: silent });
  const checks = Array.from({ length: checkCount }, (_, index): SimulatedCheck => {
    const failure = {
      kind: "Unavailable",
      message: `connection refused by 10.0.0.${index}`,
      reason: "connection_refused",
    } as const;
    return {
      identity: { name: `c${index}`, type: "http", labels: {} },
      run: () => ({ durationSeconds: 0.01, ...(isDown ? { state: "unhealthy", failure } : { state: "healthy" }) }),
    };
  });
  const watch = new SimulatedWatch(checks, intervalMilliseconds);
  history.begin(watch);
  const turn = async (): Promise<number> => {
    const clock = new HoldClock();
    for (const [index, check] of checks.entries()) {
      history.observed(watch.observe(check, Date.now()));
      if (index % observationsAtATime === 0) await breathe();
    }
    await wait(2 * turnMilliseconds); // It has been handed over.
    return clock.stop();
  };
  await turn(); // The first one tells the names of the checks.
  const measured = { steady: [] as number[], changed: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    measured.steady.push(await turn());
    isDown = !isDown;
    measured.changed.push(await turn());
  }
  const { size } = await history.buckets(["c0", "c9999"], "24h");
  verifyEqual("the checks of which history is known", size, 2);
  await history.close();
  const figureOf = (what: string, values: readonly number[]): Figure => {
    const value = median(values);
    return {
      name: `The longest hold of the main thread by \`store\` when ${what}: its processor time`,
      value,
      unit: "ms",
      yardstick: "ten milliseconds",
      yardstickValue: 10,
      ratio: value / 10,
      bound: 1,
      boundIs: "at most",
      note: `median of ${values.length} rounds, at most ${Math.max(...values).toFixed(1)} ms`,
      whenMissed: "the machine does something else",
    };
  };
  return [
    figureOf("the runs of 10,000 checks go to the journal", measured.steady),
    figureOf("10,000 checks have changed their state at once", measured.changed),
  ];
}

/**
 * Measures how long nothing else could run, at most: how much of the processor one turn of the event loop took. Not by the time
 * that passed, because the machine may give the processor to another program meanwhile.
 */
class HoldClock {
  #longest = 0;
  #isOn = true;

  constructor() {
    void this.#run();
  }

  stop(): number {
    this.#isOn = false;
    return this.#longest;
  }

  async #run(): Promise<void> {
    let before = mainThreadMilliseconds();
    while (this.#isOn) {
      await breathe();
      const now = mainThreadMilliseconds();
      this.#longest = Math.max(this.#longest, now - before);
      before = now;
    }
  }
}

function mainThreadMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
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
