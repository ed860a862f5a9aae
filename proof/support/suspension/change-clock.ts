import { setTimeout as wait } from "node:timers/promises";
import type { Finding } from "../finding.ts";
import { bucketsBetween, bucketsOf, sumOf } from "../histogram.ts";
import {
  becameHealthy,
  becameUnhealthy,
  type Change,
  feedObjections,
  logObjections,
  metricsObjections,
  momentObjections,
  pageObjections,
} from "./clock-oracle.ts";
import { healthJson, SeenStates } from "./seen-states.ts";
import { maxRunsAtOnce } from "./suspend.ts";
import { flippingEndpoint, setUpTimeScene, steadyEndpoint, type TimeOptions, type TimeScene } from "./time-scene.ts";

/** A change of the server's wall clock: to a moment, or by a number of milliseconds. */
export type ClockChange = { readonly setTo: number } | { readonly shiftBy: number };

/** How long each change is watched; every check runs at least once in the second half of it. */
const watchedIntervals = 3;

/** The target answers well before the next run. */
const answerShare = 0.25;

/**
 * Changes the server's wall clock repeatedly while one check changes its state: no other is reported down, none runs more or
 * less often, and all moments, durations and orders of changes that are shown are those that happened.
 * @param timeZone of the server
 */
export async function changeClock(
  options: TimeOptions,
  changes: readonly ClockChange[],
  timeZone = "UTC",
): Promise<Finding[]> {
  const { checks, intervalSeconds } = options;
  await using scene = await setUpTimeScene(options, answerShare, { TZ: timeZone });
  const { target, server, asker } = scene;
  const metricsBefore = (await asker.ask("/metrics")).body;
  const linesBefore = server.log.length;
  const seen = new SeenStates(steadyEndpoint);
  await seen.begin(asker);
  await target.forget();
  const startedAt = performance.now();
  const newestFirst: Change[] = [];
  const objections: string[] = [];
  let metrics = metricsBefore;
  for (const [index, change] of changes.entries()) {
    const lines = server.log.length;
    const from = await setClock(scene, change);
    const status = 501 + index;
    await Promise.all([seen.watch(asker, watchedIntervals * intervalSeconds), flip(scene, status)]);
    newestFirst.unshift(becameHealthy(status), becameUnhealthy(status));
    const to = await setClock(scene, {});
    const found = await inspect(scene, newestFirst, metrics, { from, to });
    metrics = found.metrics;
    const log = logObjections(server.log.slice(lines), { from, to });
    objections.push(
      ...[...found.objections, ...log].map((objection) => `after ${JSON.stringify(change)}, ${objection}`),
    );
  }
  const lasted = (performance.now() - startedAt) / 1000;
  await seen.end(asker);
  const arrivals = await target.read();
  const beats = lasted / intervalSeconds;
  return [
    ...seen.findings(),
    { name: "Answers that were not 200", value: seen.notPassing, unit: "", bound: { atMost: 0 } },
    {
      name: "Runs, as a share of those scheduled",
      value: arrivals.requests / ((checks + 1) * beats),
      unit: "",
      bound: { atMost: 1.15 },
    },
    {
      name: "Runs of the check that ran least often",
      value: arrivals.leastOfOnePath,
      unit: "",
      bound: { atLeast: Math.floor(beats) - 2 },
    },
    {
      name: "Runs of the check that ran most often",
      value: arrivals.maxOfOnePath,
      unit: "",
      bound: { atMost: Math.ceil(beats) + 2 },
    },
    { name: "Most runs within 100 ms", value: arrivals.maxAtOnce, unit: "", bound: { atMost: maxRunsAtOnce(options) } },
    ...durations(metricsBefore, metrics, scene),
    {
      name: ["Wrong moments, orders and counts", ...objections.slice(0, 5)].join("; "),
      value: objections.length,
      unit: "",
      bound: { atMost: 0 },
    },
    {
      name: "Log lines for each change of a state",
      value: (server.log.length - linesBefore) / newestFirst.length,
      unit: "",
      bound: { exactly: 1 },
    },
    { name: "Exit code", value: (await server.stop()) ?? -1, unit: "", bound: { exactly: 0 } },
  ];
}

/** Sets the server's clock, or only reads it. */
async function setClock({ server }: TimeScene, change: Partial<Record<"setTo" | "shiftBy", number>>): Promise<number> {
  return ((await server.ask(change)) as { readonly now: number }).now; // As the module answers.
}

/** Makes the one check unhealthy, and healthy again. */
async function flip({ flipping, asker }: TimeScene, status: number): Promise<void> {
  for (const [answer, state] of [
    [status, "unhealthy"],
    [200, "healthy"],
  ] as const) {
    flipping.status = answer;
    while ((await healthJson(asker, flippingEndpoint)).checks[0]?.state !== state) await wait(20);
  }
}

/** Reads everything that shows moments. */
async function inspect(
  { asker }: TimeScene,
  newestFirst: readonly Change[],
  metricsBefore: string,
  window: { readonly from: number; readonly to: number },
) {
  const read = async (path: string): Promise<string> => (await asker.ask(path)).body;
  const metrics = await read("/metrics");
  const { checks } = await healthJson(asker, steadyEndpoint);
  const objections = [
    ...pageObjections(await read(`${flippingEndpoint}?format=html`), newestFirst),
    ...pageObjections(await read(`${flippingEndpoint}flipping/?format=html`), newestFirst, { namesCause: false }),
    ...pageObjections(await read(`${steadyEndpoint}?format=html`), []),
    ...feedObjections("RSS", await read(`${flippingEndpoint}?format=rss`), newestFirst),
    ...feedObjections("Atom", await read(`${flippingEndpoint}?format=atom`), newestFirst),
    ...momentObjections(checks, window),
    ...metricsObjections(metricsBefore, metrics, window),
  ];
  return { metrics, objections };
}

/** How long all runs took by the server's own account, which depends on the target's pause and not on the clock. */
function durations(before: string, after: string, { answerSeconds, timeoutSeconds }: TimeScene): Finding[] {
  const [family, label] = ["health_check_duration_seconds", 'check="c'];
  const between = bucketsBetween(bucketsOf(before, family, label), bucketsOf(after, family, label));
  const runs = between.get(Number.POSITIVE_INFINITY) ?? Number.NaN;
  const bounds = [...between.keys()].toSorted((one, other) => one - other);
  const shortest = bounds.findLast((bound) => bound <= answerSeconds) ?? Number.NaN;
  const longest = bounds.find((bound) => bound >= timeoutSeconds) ?? Number.NaN;
  return [
    {
      name: `Runs that took less than ${shortest} s, of those whose target takes ${answerSeconds} s`,
      value: between.get(shortest) ?? Number.NaN,
      unit: "",
      bound: { atMost: 0 },
    },
    {
      name: `Runs that took more than ${longest} s, of those that time out after ${timeoutSeconds} s`,
      value: runs - (between.get(longest) ?? Number.NaN),
      unit: "",
      bound: { atMost: 0 },
    },
    {
      name: "Mean duration of a run",
      value: (sumOf(after, family, label) - sumOf(before, family, label)) / runs,
      unit: "s",
      bound: { atMost: timeoutSeconds },
    },
    {
      name: "… and at least",
      value: (sumOf(after, family, label) - sumOf(before, family, label)) / runs,
      unit: "s",
      bound: { atLeast: answerSeconds },
    },
  ];
}
