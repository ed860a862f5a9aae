import { setTimeout as wait } from "node:timers/promises";
import type { Finding } from "../finding.ts";
import { SeenStates, statesInMetrics } from "./seen-states.ts";
import { flippingEndpoint, setUpTimeScene, steadyEndpoint, type TimeOptions, type TimeScene } from "./time-scene.ts";

/** The answer to a request before the suspension comes during it, or after it. */
const answerShare = 0.6;

/** Runs of each check within an interval: beyond the one scheduled, some may be late, or early by the jitter. */
const maxRunsInAnInterval = 1.3;

export interface Suspensions {
  /** How long the server is stopped each time, in time-outs of its checks. */
  readonly timeouts: readonly number[];
  /** At how many moments of the interval each length is tried. */
  readonly moments: number;
  /** Whether a client asks for the endpoint all the time; else only the metrics are read, which starts no run. */
  readonly asking: boolean;
}

/** What followed one suspension. */
interface Resumption {
  readonly unknownAtFirst: number;
  readonly maxAtOnce: number;
  readonly runsInAnInterval: number;
  readonly maxOfOnePath: number;
  readonly notRenewed: number;
}

/** Longer than it takes after any suspension until all have run again. */
const watchedIntervals = 2.5;

/**
 * Suspends the server repeatedly: afterwards no check is reported down, what is too old is unknown until it is renewed, and
 * missed runs are not made up for.
 */
export async function suspend(options: TimeOptions, suspensions: Suspensions): Promise<Finding[]> {
  const { intervalSeconds } = options;
  const { timeouts, moments, asking } = suspensions;
  await using scene = await setUpTimeScene(options, answerShare);
  const { server, asker, steady, timeoutSeconds, answerSeconds } = scene;
  const seen = new SeenStates(steadyEndpoint, flippingEndpoint);
  await seen.begin(asker);
  const resumptions: Resumption[] = [];
  for (const length of timeouts) {
    for (let moment = 0; moment < moments; moment += 1) {
      await wait(((moment + 0.5) / moments) * intervalSeconds * 1000);
      resumptions.push(await resumeAfter(length * timeoutSeconds, scene, seen, options, asking));
    }
  }
  await seen.end(asker);
  const most = (of: (resumption: Resumption) => number): number => Math.max(...resumptions.map(of));
  const sum = (of: (resumption: Resumption) => number): number =>
    resumptions.reduce((total, resumption) => total + of(resumption), 0);
  const isLong = timeouts.every((length) => length * timeoutSeconds > 1.5 * intervalSeconds);
  return [
    { name: "Suspensions", value: resumptions.length, unit: "" },
    ...seen.findings(),
    ...(asking || !isLong
      ? []
      : [
          {
            name: "Share of the checks that were unknown right after the suspension",
            value: sum(({ unknownAtFirst }) => unknownAtFirst) / (resumptions.length * steady),
            unit: "",
            bound: { atLeast: 0.5 },
          },
        ]),
    {
      // The schedule begins anew, spread over an interval, and the last answer takes its time.
      name: asking ? "Time until an answer passed, maximum" : "Time until all were healthy, maximum",
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
      bound: { atMost: maxRunsAtOnce(options) },
    },
    { name: "Exit code", value: (await server.stop()) ?? -1, unit: "", bound: { exactly: 0 } },
  ];
}

async function resumeAfter(
  seconds: number,
  { server, target, asker, steady }: TimeScene,
  seen: SeenStates,
  { intervalSeconds }: TimeOptions,
  asking: boolean,
): Promise<Resumption> {
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

/** How many runs within 100 ms are not yet a burst: five times as many as when they are evenly spread, and some late ones. */
export function maxRunsAtOnce({ checks, intervalSeconds }: TimeOptions): number {
  return Math.ceil((5 * checks) / (10 * intervalSeconds)) + 25;
}
