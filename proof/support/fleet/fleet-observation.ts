import { setTimeout as wait } from "node:timers/promises";
import type { Finding } from "../finding.ts";
import type { FleetReplica, FleetScene } from "./fleet-scene.ts";
import type { Runs } from "./fleet-target-process.ts";
import { changesOf, feedOf, lackingIn } from "./told.ts";

/** What was seen of an event. */
export interface Observation {
  readonly runs: Runs;
  /** When it began and ended, in milliseconds since the epoch. */
  readonly beganAt: number;
  readonly endedAt: number;
}

/** Lets something happen, and watches for some seconds from its beginning on, or until it has ended if that takes longer. */
export async function observe(
  scene: FleetScene,
  seconds: number,
  event: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Observation> {
  await scene.target.forget();
  for (const { watcher } of scene.all) watcher.forget();
  const beganAt = Date.now();
  await event();
  const endedAt = Date.now();
  await wait(Math.max(0, beganAt + 1000 * seconds - endedAt));
  return { runs: await scene.target.read(), beganAt, endedAt };
}

/** What may be asked of the runs of any event. */
export interface RunBounds {
  readonly early?: number;
  readonly late?: number;
}

export function runFindings({ runs }: Observation, bounds: RunBounds): readonly Finding[] {
  const { early, late } = bounds;
  return [
    { name: "Runs", value: runs.runs, unit: "" },
    { name: "… sooner than half an interval", value: runs.early, unit: "", bound: atMost(early) },
    { name: "… by two replicas at the same turn", value: runs.doubled, unit: "", bound: atMost(early) },
    { name: "… later than one and a half intervals", value: runs.late, unit: "", bound: atMost(late) },
    { name: "Longest time between two runs of a check", value: runs.longestGapMilliseconds / 1000, unit: "s" },
  ];
}

/** Of targets that are all well, nobody may ever say that one is down. */
export async function truthFindings(scene: FleetScene): Promise<readonly Finding[]> {
  const seen = new Set(scene.all.flatMap(({ name, watcher }) => [...watcher.down].map((down) => `${name}: ${down}`)));
  const changes = await Promise.all(
    scene.replicas.map(async (replica) =>
      (await changesOf(replica)).map(({ check, to }) => `${replica.name}: ${check} changed to ${to}`),
    ),
  );
  const told = new Set(changes.flat());
  const what = [...seen, ...told].slice(0, 3).join("; ");
  return [
    {
      name: `Times that a check was called down${what === "" ? "" : ` (${what})`}`,
      value: seen.size,
      unit: "",
      bound: { exactly: 0 },
    },
    { name: "Changes of state that were told", value: told.size, unit: "", bound: { exactly: 0 } },
    await sameFeeds(scene),
  ];
}

/** All replicas must tell of the same changes, under the same identifiers. */
export async function sameFeeds(scene: FleetScene): Promise<Finding> {
  const feeds = await Promise.all(scene.replicas.map(feedOf));
  const all = new Set(feeds.flat());
  const missing = feeds.reduce((sum, feed) => sum + lackingIn(all, feed), 0);
  return {
    name: "Entries that are in the feed of some replicas only",
    value: missing,
    unit: "",
    bound: { exactly: 0 },
  };
}

/** What may be unknown to replicas. */
export interface UnknownBounds {
  readonly checks?: number;
  readonly secondsEach?: number;
  readonly knownAfterSeconds?: number;
}

/** @param since when the trouble ended after which all must be known again */
export function unknownFindings(
  who: string,
  replicas: readonly FleetReplica[],
  since: number,
  bounds: UnknownBounds,
  except: ReadonlySet<string> = new Set(),
): readonly Finding[] {
  const checks = new Set(replicas.flatMap(({ watcher }) => [...watcher.unknownSince(0, except)])).size;
  const most = (of: (replica: FleetReplica) => number): number => Math.max(0, ...replicas.map(of));
  return [
    { name: `Checks that were unknown to ${who}`, value: checks, unit: "", bound: atMost(bounds.checks) },
    {
      name: "… each for at most",
      value: most(({ watcher }) => watcher.longestUnknownSeconds(except)),
      unit: "s",
      bound: atMost(bounds.secondsEach),
    },
    ...(bounds.knownAfterSeconds === undefined
      ? []
      : [
          {
            name: "… and all known again after",
            value: most(({ watcher }) => watcher.knownAfterSeconds(since)),
            unit: "s",
            bound: { atMost: bounds.knownAfterSeconds },
          },
        ]),
  ];
}

function atMost(bound: number | undefined): Finding["bound"] {
  return bound === undefined ? undefined : { atMost: bound };
}
