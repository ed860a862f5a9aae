import { setTimeout as wait } from "node:timers/promises";
import type { Finding } from "../finding.ts";
import {
  type Observation,
  observe,
  runFindings,
  sameFeeds,
  truthFindings,
  unknownFindings,
} from "./fleet-observation.ts";
import { checkNames, type FleetReplica, type FleetScene } from "./fleet-scene.ts";
import { changesOf, feedOf, lackingIn, loggedCounts, logLengths, sinceOf, untilDown } from "./told.ts";

/** How many of the targets fail when some do. */
const failingShare = 0.3;

/** How long the proof waits for what has no bound of its own. */
const longestSeconds = 30;

/** The replica to which something happens, and the others. */
export function oneAndOthers({ replicas }: FleetScene): readonly [FleetReplica, readonly FleetReplica[]] {
  const [one, ...others] = replicas;
  if (one === undefined) throw new Error("the fleet has no replica");
  return [one, others];
}

/** How long others may take to run the checks of a replica that is gone. */
export function takeOverSeconds({ options: { leaseSeconds } }: FleetScene): number {
  return 1.5 * leaseSeconds + 1;
}

/** How many checks a replica runs before it writes what it has found, which it does twice a second. */
function ranInABeat({ options: { checks, intervalSeconds, replicas } }: FleetScene): number {
  return Math.ceil((0.5 * checks) / intervalSeconds / replicas);
}

/** A replica is killed: others run all of its checks again within an interval, or within what taking over takes. */
export async function killed(scene: FleetScene): Promise<readonly Finding[]> {
  const { checks, intervalSeconds } = scene.options;
  const [one, others] = oneAndOthers(scene);
  const within = Math.max(intervalSeconds, takeOverSeconds(scene));
  const { ranBy } = await scene.target.read();
  const seen = await observe(scene, within + 2 * intervalSeconds, async () => {
    one.server.kill("SIGKILL");
    await scene.remove(one);
  });
  const itsOwn = Object.keys(ranBy).filter((name) => ranBy[name] === one.name);
  const firsts = itsOwn.flatMap((name) => seen.runs.first[name] ?? []);
  return [
    // What it had run in its last beat, and not written yet, others run again.
    ...runFindings(seen, { early: ranInABeat(scene) }),
    {
      name: "Its checks that did not run again",
      value: itsOwn.length - firsts.length,
      unit: "",
      bound: { exactly: 0 },
    },
    {
      name: "Time until each of them had run again",
      value: (Math.max(...firsts) - seen.beganAt) / 1000,
      unit: "s",
      bound: { atMost: within },
    },
    ...unknownFindings("the others", others, seen.endedAt, {
      // With short intervals, more of them are overdue by then.
      ...(intervalSeconds > takeOverSeconds(scene) && { checks: 0.05 * checks }),
      secondsEach: 3,
      knownAfterSeconds: takeOverSeconds(scene) + 2,
    }),
    ...(await truthFindings(scene)),
  ];
}

/** Nothing happens. */
export async function nothing(scene: FleetScene): Promise<readonly Finding[]> {
  const seen = await observe(scene, 4 * scene.options.intervalSeconds);
  return calmFindings(scene, seen);
}

/** One more replica comes. */
export async function joined(scene: FleetScene): Promise<readonly Finding[]> {
  const { intervalSeconds } = scene.options;
  let sharedOut: Finding | undefined;
  const seen = await observe(scene, 4 * intervalSeconds, async () => {
    await scene.join();
    sharedOut = await sharedOutFinding(scene);
  });
  return [
    ...calmFindings(scene, seen),
    ...(sharedOut === undefined ? [] : [sharedOut]),
    ...(await truthFindings(scene)),
  ];
}

/** One replica is stopped as a process is stopped. */
export async function stopped(scene: FleetScene): Promise<readonly Finding[]> {
  const [one] = oneAndOthers(scene);
  let code: number | null = null;
  let sharedOut: Finding | undefined;
  const seen = await observe(scene, 4 * scene.options.intervalSeconds, async () => {
    const stopping = one.server.stop();
    await scene.remove(one);
    code = await stopping;
    sharedOut = await sharedOutFinding(scene);
  });
  return [
    ...calmFindings(scene, seen),
    ...(sharedOut === undefined ? [] : [sharedOut]),
    { name: "Exit code", value: code ?? -1, unit: "", bound: { exactly: 0 } },
    ...(await truthFindings(scene)),
  ];
}

/** Each replica is stopped and started again, with 50 more checks in its configuration. */
export async function updated(scene: FleetScene): Promise<readonly Finding[]> {
  const { checks, intervalSeconds } = scene.options;
  const added = checkNames(50, "n");
  const names = [...checkNames(checks), ...added];
  const seen = await observe(scene, 6 * intervalSeconds, async () => {
    for (const old of [...scene.replicas]) {
      const stopping = old.server.stop();
      await scene.remove(old);
      await stopping;
      await scene.join(names);
    }
    await wait(3000 * intervalSeconds);
  });
  const news = seen.runs.first;
  return [
    ...calmFindings(scene, seen, new Set(added)),
    {
      name: "New checks that ran",
      value: added.filter((name) => news[name] !== undefined).length,
      unit: "",
      bound: { exactly: added.length },
    },
    {
      name: "Checks unknown to any replica in the end",
      value: Math.max(...scene.replicas.map(({ watcher }) => watcher.latest?.unknown.size ?? checks)),
      unit: "",
      bound: { exactly: 0 },
    },
    ...(await truthFindings(scene)),
  ];
}

/** A replica's process is suspended for ten seconds, which is longer than its lease, and wakes up. */
export async function frozen(scene: FleetScene): Promise<readonly Finding[]> {
  const { intervalSeconds } = scene.options;
  const [one, others] = oneAndOthers(scene);
  let wokeAt = 0;
  const beforeTaking = 1000; // It may take shards again only once others have given some back.
  const seen = await observe(scene, 10 + 3 * intervalSeconds, async () => {
    one.server.kill("SIGSTOP");
    await wait(10_000);
    wokeAt = Date.now();
    one.server.kill("SIGCONT");
  });
  const atWaking = (seen.runs.byReplica[one.name] ?? []).filter((at) => at >= wokeAt && at < wokeAt + beforeTaking);
  return [
    ...runFindings(seen, {}),
    // What it had begun to send before may arrive then.
    {
      name: "Runs of the one that woke up, on leases that had expired",
      value: atWaking.length,
      unit: "",
      bound: { atMost: 2 },
    },
    ...unknownFindings("the others", others, seen.beganAt, { knownAfterSeconds: takeOverSeconds(scene) + 2 }),
    ...unknownFindings("the one that woke up", [one], wokeAt, { knownAfterSeconds: 3 }),
    ...(await truthFindings(scene)),
  ];
}

/** A replica is cut off from Redis alone for 15 s. */
export function cutFromRedis(scene: FleetScene): Promise<readonly Finding[]> {
  return cut(scene, 15, (one) => scene.cutFromRedis(one));
}

/** A replica is cut off from everything for 15 s. */
export function cutFromAll(scene: FleetScene): Promise<readonly Finding[]> {
  return cut(scene, 15, (one) => scene.cutFromAll(one));
}

/** … and so shortly that its leases may hold. */
export function cutShortly(scene: FleetScene): Promise<readonly Finding[]> {
  return cut(scene, 2.6, (one) => scene.cutFromAll(one));
}

async function cut(
  scene: FleetScene,
  seconds: number,
  how: (one: FleetReplica) => Promise<void>,
): Promise<readonly Finding[]> {
  const [one, others] = oneAndOthers(scene);
  const seen = await observe(scene, seconds + 3 * scene.options.intervalSeconds, async () => {
    await how(one);
    await wait(1000 * seconds);
    await scene.heal(one);
  });
  return [
    ...runFindings(seen, {}),
    ...unknownFindings("the others", others, seen.beganAt, {
      knownAfterSeconds: Math.max(seconds, takeOverSeconds(scene)) + 2,
    }),
    ...unknownFindings("the one that was cut off", [one], seen.endedAt, { knownAfterSeconds: 3 }),
    ...(await truthFindings(scene)),
  ];
}

/** Redis is suspended for 20 s: everything becomes unknown, and nothing down. */
export async function redisSuspended(scene: FleetScene): Promise<readonly Finding[]> {
  const { checks, intervalSeconds } = scene.options;
  const seen = await observe(scene, 20 + 3 * intervalSeconds, () => scene.suspendRedis(20_000));
  return [
    ...runFindings(seen, {}),
    {
      name: "Checks that became unknown to the replica that knew most",
      value: Math.min(...scene.replicas.map(({ watcher }) => watcher.maxUnknown)),
      unit: "",
      bound: { exactly: checks },
    },
    ...unknownFindings("all", scene.replicas, seen.endedAt, { knownAfterSeconds: 3 }),
    ...(await truthFindings(scene)),
  ];
}

/** Redis is suspended for a fifth of an interval: nobody notices. */
export async function redisHiccup(scene: FleetScene): Promise<readonly Finding[]> {
  const { intervalSeconds } = scene.options;
  const seen = await observe(scene, 3 * intervalSeconds, () => scene.suspendRedis(200 * intervalSeconds));
  return [
    ...runFindings(seen, { early: 0 }),
    ...unknownFindings("all", scene.replicas, seen.endedAt, { checks: 0 }),
    ...(await truthFindings(scene)),
  ];
}

/** Redis is killed, and an empty one comes 3 s later: replicas fill it from what they know, and nothing is told anew. */
export async function redisEmptied(scene: FleetScene): Promise<readonly Finding[]> {
  const { intervalSeconds } = scene.options;
  const [one] = oneAndOthers(scene);
  const before = { since: await sinceOf(one), feed: await feedOf(one), logs: logLengths(scene) };
  const seen = await observe(scene, 3 + 4 * intervalSeconds, () => scene.emptyRedis(3000));
  const changed = await Promise.all(
    scene.replicas.map(async (replica) => {
      const since = await sinceOf(replica);
      return [...before.since].filter(([name, at]) => since.get(name) !== at).length;
    }),
  );
  const feeds = await Promise.all(
    scene.replicas.map(async (replica) => {
      const after = await feedOf(replica);
      return lackingIn(before.feed, after) + lackingIn(after, before.feed);
    }),
  );
  const late = await freshReplica(scene, before.since);
  return [
    ...runFindings(seen, {}),
    {
      name: "Checks that are in their state since another moment",
      value: Math.max(...changed),
      unit: "",
      bound: { exactly: 0 },
    },
    { name: "… also to a replica that comes afterwards", value: late, unit: "", bound: { exactly: 0 } },
    { name: "Entries of feeds that are new or gone", value: Math.max(...feeds), unit: "", bound: { exactly: 0 } },
    {
      name: "Changes of state that were logged",
      value: loggedCounts(scene, before.logs).size,
      unit: "",
      bound: { exactly: 0 },
    },
    ...unknownFindings("all", scene.replicas.slice(0, -1), seen.endedAt, {
      knownAfterSeconds: takeOverSeconds(scene) + 2,
    }),
    ...(await truthFindings(scene)),
  ];
}

/** @returns how many checks are in their state since another moment for a replica that has just come */
async function freshReplica(scene: FleetScene, before: ReadonlyMap<string, string>): Promise<number> {
  const replica = await scene.join();
  await untilDown(scene, [], longestSeconds);
  const since = await sinceOf(replica);
  return [...before].filter(([name, at]) => since.get(name) !== at).length;
}

/** 300 targets really fail while something happens to the fleet, and recover: each change is told once. */
async function failing(
  scene: FleetScene,
  trouble: () => Promise<unknown>,
  lostByKill = 0,
): Promise<readonly Finding[]> {
  const { checks, intervalSeconds } = scene.options;
  const down = checkNames(Math.round(failingShare * checks));
  const before = logLengths(scene);
  const seen = await observe(scene, 0, async () => {
    await scene.target.fail(down);
    await wait(500 * intervalSeconds); // About half of them have been found by then.
    await trouble();
  });
  const isDownInTime = await untilDown(scene, down, longestSeconds + 3 * intervalSeconds);
  await scene.target.fail([]);
  const isUpInTime = await untilDown(scene, [], longestSeconds + 3 * intervalSeconds);
  const wrong = scene.all.flatMap(({ watcher }) => [...watcher.down.keys()].filter((name) => !down.includes(name)));
  const counts = loggedCounts(scene, before);
  const logged = (to: string): readonly number[] => down.map((name) => counts.get(`${name} ${to}`) ?? 0);
  const missing = (to: string): number => logged(to).filter((count) => count === 0).length;
  const changes = await Promise.all(scene.replicas.map(changesOf));
  const twice = changes.map(
    (told) => down.filter((name) => told.filter(({ check }) => check === name).length !== 2).length,
  );
  return [
    ...runFindings({ ...seen, runs: await scene.target.read() }, {}),
    {
      name: "All replicas showed exactly those that failed",
      value: Number(isDownInTime),
      unit: "",
      bound: { exactly: 1 },
    },
    { name: "… and in the end none", value: Number(isUpInTime), unit: "", bound: { exactly: 1 } },
    { name: "Other checks that were called down", value: new Set(wrong).size, unit: "", bound: { exactly: 0 } },
    {
      name: "Changes that were logged more than once",
      value: [...counts.values()].filter((count) => count > 1).length,
      unit: "",
      bound: { exactly: 0 },
    },
    { name: "Failures that nobody logged", value: missing("down"), unit: "", bound: { atMost: lostByKill } },
    { name: "Recoveries that nobody logged", value: missing("healthy"), unit: "", bound: { exactly: 0 } },
    {
      name: "Checks of which a replica tells more or less than the failure and the recovery",
      value: Math.max(...twice),
      unit: "",
      bound: { exactly: 0 },
    },
    await sameFeeds(scene),
  ];
}

/** One replica is killed while targets fail. What it had written and not yet logged is lost, which is at most what it finds in a beat. */
export function failingWhileKilled(scene: FleetScene): Promise<readonly Finding[]> {
  const [one] = oneAndOthers(scene);
  return failing(
    scene,
    async () => {
      one.server.kill("SIGKILL");
      await scene.remove(one);
    },
    Math.ceil(failingShare * ranInABeat(scene)),
  );
}

/** Redis is suspended while targets fail. */
export function failingWhileSuspended(scene: FleetScene): Promise<readonly Finding[]> {
  return failing(scene, () => scene.suspendRedis(10_000));
}

/** Redis is emptied while targets fail. */
export function failingWhileEmptied(scene: FleetScene): Promise<readonly Finding[]> {
  return failing(scene, () => scene.emptyRedis(3000));
}

/** What a replica finds in its last beat may be lost with it, and is then found once more. */
const lastBeatMilliseconds = 1000;

/** With `failureThreshold: 3`, a replica is killed once its checks have failed twice: they are unhealthy at the third failure. */
export async function thresholdOverKill(scene: FleetScene): Promise<readonly Finding[]> {
  const { checks, intervalSeconds } = scene.options;
  const [one] = oneAndOthers(scene);
  const down = checkNames(checks);
  const seen = await observe(scene, 0, async () => {
    await scene.target.fail(down);
    await wait(2100 * intervalSeconds);
    one.server.kill("SIGKILL");
    await scene.remove(one);
  });
  const isDownInTime = await untilDown(scene, down, longestSeconds + 4 * intervalSeconds);
  const { failures } = await scene.target.read();
  const isUncertain = (at: number): boolean => at > seen.endedAt - lastBeatMilliseconds && at <= seen.endedAt;
  const judged = down.filter((name) => failures[name]?.some(isUncertain) === false);
  const moved = judged.filter((name) => failures[name]?.filter((at) => at <= seen.endedAt).length === 2);
  const wrong = await Promise.all(
    scene.replicas.map(async (replica) => {
      const at = new Map((await changesOf(replica)).map(({ check, time }) => [check, Date.parse(time)]));
      // A run ends some milliseconds after its target was asked, and before its time-out.
      return judged.filter((name) => {
        const late = (at.get(name) ?? Number.POSITIVE_INFINITY) - (failures[name]?.[2] ?? 0);
        return !(late >= -50 && late < 1000);
      });
    }),
  );
  return [
    { name: "All were unhealthy in the end", value: Number(isDownInTime), unit: "", bound: { exactly: 1 } },
    { name: "Checks that had failed twice before the kill", value: moved.length, unit: "", bound: { atLeast: 1 } },
    {
      name: "Checks that were not unhealthy at their third failure, to any replica",
      value: new Set(wrong.flat()).size,
      unit: "",
      bound: { exactly: 0 },
    },
    await sameFeeds(scene),
  ];
}

function calmFindings(
  scene: FleetScene,
  seen: Observation,
  except: ReadonlySet<string> = new Set(),
): readonly Finding[] {
  return [
    ...runFindings(seen, { early: 0, late: Math.ceil(seen.runs.runs / 5000) }),
    ...unknownFindings("any", scene.replicas, seen.beganAt, { checks: 0 }, except),
  ];
}

/** The shards must be shared out evenly within three leases. */
async function sharedOutFinding(scene: FleetScene): Promise<Finding> {
  const beganAt = Date.now();
  const lease = 1000 * scene.options.leaseSeconds;
  const isEven = async (): Promise<boolean> => {
    const held = await scene.heldByReplica();
    const total = held.reduce((sum, count) => sum + count, 0);
    return total === 256 && held.length === scene.replicas.length && Math.max(...held) - Math.min(...held) <= 2;
  };
  while (!(await isEven()) && Date.now() - beganAt < 6 * lease) await wait(100);
  return {
    name: "Leases until the shards were shared out evenly",
    value: (Date.now() - beganAt) / lease,
    unit: "",
    bound: { atMost: 3 },
  };
}
