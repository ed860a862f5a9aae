import { setTimeout as wait } from "node:timers/promises";
import type { Finding } from "../finding.ts";
import { SeenStates, statesInMetrics } from "./seen-states.ts";
import { flippingEndpoint, setUpTimeScene, steadyEndpoint, type TimeOptions, type TimeScene } from "./time-scene.ts";

/** The answer of a target that was asked before the suspension comes in it, or after it. */
const answerShare = 0.6;

/** Beyond one run of each check, so many may have been caught up with, or brought forward by the jitter. */
const maxRunsInAnInterval = 1.3;

export interface Suspensions {
  /** For how long the server is stopped, one time after the other, in time-outs of its checks. */
  readonly timeouts: readonly number[];
  /** At so many moments of the interval each. */
  readonly moments: number;
  /** Whether somebody asks for the endpoint all the time; else only the metrics are read, which starts no run. */
  readonly asking: boolean;
}

/** What came of one suspension. */
interface Waking {
  readonly unknownAtFirst: number;
  readonly maxAtOnce: number;
  readonly runsInAnInterval: number;
  readonly maxOfOnePath: number;
  readonly notRenewed: number;
}

/** Longer than after any suspension it takes until all have run again. */
const watchedIntervals = 2.5;

/**
 * Suspends the server again and again: afterwards no check is reported down, what is too old is unknown until it is
 * renewed, and the runs that were missed are not caught up with.
 */
export async function suspend(options: TimeOptions, suspensions: Suspensions): Promise<Finding[]> {
  const { intervalSeconds } = options;
  const { timeouts, moments, asking } = suspensions;
  await using scene = await setUpTimeScene(options, answerShare);
  const { server, asker, steady, timeoutSeconds, answerSeconds } = scene;
  const seen = new SeenStates(steadyEndpoint, flippingEndpoint);
  await seen.begin(asker);
  const wakings: Waking[] = [];
  for (const length of timeouts) {
    for (let moment = 0; moment < moments; moment += 1) {
      await wait(((moment + 0.5) / moments) * intervalSeconds * 1000);
      wakings.push(await wakeAfter(length * timeoutSeconds, scene, seen, options, asking));
    }
  }
  await seen.end(asker);
  const most = (of: (waking: Waking) => number): number => Math.max(...wakings.map(of));
  const sum = (of: (waking: Waking) => number): number => wakings.reduce((total, waking) => total + of(waking), 0);
  const isLong = timeouts.every((length) => length * timeoutSeconds > 1.5 * intervalSeconds);
  return [
    { name: "Suspensions", value: wakings.length, unit: "" },
    ...seen.findings(),
    ...(asking || !isLong
      ? []
      : [
          {
            name: "Share of the checks that were unknown right after the suspension",
            value: sum(({ unknownAtFirst }) => unknownAtFirst) / (wakings.length * steady),
            unit: "",
            bound: { atLeast: 0.5 },
          },
        ]),
    {
      // The schedule begins anew, spread over an interval, and the last answer takes its time.
      name: asking ? "Time until an answer passed, at most" : "Time until all were healthy, at most",
      value: seen.longestUntilPassingSeconds,
      unit: "s",
      bound: { atMost: 1.2 * intervalSeconds + answerSeconds },
    },
    {
      name: `Checks that were not healthy again after ${watchedIntervals} intervals`,
      value: sum(({ notRenewed }) => notRenewed),
      unit: "",
      bound: { atMost: 0 },
    },
    {
      name: `Runs of one check within ${watchedIntervals} intervals afterwards`,
      value: most(({ maxOfOnePath }) => maxOfOnePath),
      unit: "",
      bound: { atMost: 4 },
    },
    {
      name: "Most runs within an interval afterwards, for each check",
      value: most(({ runsInAnInterval }) => runsInAnInterval) / (options.checks + 1),
      unit: "",
      bound: { atMost: maxRunsInAnInterval },
    },
    {
      name: "Most runs within 100 ms",
      value: most(({ maxAtOnce }) => maxAtOnce),
      unit: "",
      bound: { atMost: atOnce(options) },
    },
    { name: "Exit code", value: (await server.stop()) ?? -1, unit: "", bound: { exactly: 0 } },
  ];
}

async function wakeAfter(
  seconds: number,
  { server, target, asker, steady }: TimeScene,
  seen: SeenStates,
  { intervalSeconds }: TimeOptions,
  asking: boolean,
): Promise<Waking> {
  server.kill("SIGSTOP");
  await wait(seconds * 1000);
  await target.forget();
  server.kill("SIGCONT");
  const runsInAnInterval = wait(intervalSeconds * 1000).then(async () => (await target.read()).requests);
  const unknownAtFirst = asking ? 0 : ((await statesInMetrics(asker)).get("unknown")?.length ?? 0);
  const watched = watchedIntervals * intervalSeconds;
  if (asking) await seen.watch(asker, watched);
  else await seen.watchMetrics(asker, watched, steady + 1);
  const { maxAtOnce, maxOfOnePath } = await target.read();
  const notRenewed = steady + 1 - ((await statesInMetrics(asker)).get("healthy")?.length ?? 0);
  return { unknownAtFirst, maxAtOnce, maxOfOnePath, notRenewed, runsInAnInterval: await runsInAnInterval };
}

/** So many runs within 100 ms are no burst: five times as many as when they are evenly spread, and those that are caught up with. */
export function atOnce({ checks, intervalSeconds }: TimeOptions): number {
  return Math.ceil((5 * checks) / (10 * intervalSeconds)) + 25;
}
