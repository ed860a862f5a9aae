import { buildPackage } from "../bench/support/built-package.ts";
import type { Finding } from "./support/finding.ts";
import * as events from "./support/fleet/fleet-events.ts";
import { FleetScene, type FleetSceneOptions } from "./support/fleet/fleet-scene.ts";
import type { Results, Section } from "./support/write-results.ts";

/** Lets one thing happen to a fleet that is set up for it alone. */
export async function afterEvent(
  options: FleetSceneOptions,
  event: (scene: FleetScene) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  await using scene = await FleetScene.start(options);
  return await event(scene);
}

const few = { checks: 1000, intervalSeconds: 5, leaseSeconds: 3.3, replicas: 3 } as const;
const slow = { ...few, intervalSeconds: 15, leaseSeconds: 8 } as const;
const threshold = { ...few, more: ", failureThreshold: 3" } as const;

/** In the order in which they are told of. */
const scenes: readonly (readonly [
  title: string,
  event: (scene: FleetScene) => Promise<readonly Finding[]>,
  options?: FleetSceneOptions,
])[] = [
  ["Nothing happens", events.nothing],
  ["A fourth replica joins", events.joined],
  ["One is stopped (SIGTERM)", events.stopped],
  ["All are stopped and started again, one after the other, with 50 new checks", events.updated],
  ["One is killed (SIGKILL)", events.killed],
  ["One is suspended for 10 s (SIGSTOP)", events.frozen],
  ["One is cut off from Redis alone for 15 s", events.cutFromRedis],
  ["One is cut off from everything for 15 s", events.cutFromAll],
  ["One is cut off from everything for 2.6 s", events.cutShortly],
  ["Redis is suspended for 20 s (SIGSTOP)", events.redisSuspended],
  ["Redis is suspended for 1 s", events.redisHiccup],
  ["Redis is killed, and an empty one comes 3 s later", events.redisEmptied],
  ["300 targets fail and recover, and a replica is killed meanwhile", events.failingWhileKilled],
  ["300 targets fail and recover, and Redis is suspended for 10 s meanwhile", events.failingWhileSuspended],
  ["300 targets fail and recover, and Redis is emptied meanwhile", events.failingWhileEmptied],
  [
    "With `failureThreshold: 3`, a replica is killed when its checks have failed twice",
    events.thresholdOverKill,
    threshold,
  ],
  ...Array.from(
    { length: 5 },
    (_, index) =>
      [`One is killed, with an interval of 15 s and leases of 8 s (${index + 1})`, events.killed, slow] as const,
  ),
];

/** The whole proof. */
export async function prove(): Promise<Results> {
  await using built = await buildPackage();
  const sections: Section[] = [];
  for (const [title, event, options = few] of scenes) {
    process.stdout.write(`  ${title} …\n`);
    sections.push({ title, findings: await findingsOf({ ...options, command: built.command }, event) });
  }
  return {
    name: "fleet",
    title: "A fleet",
    description: [
      `${few.replicas} replicas (\`healthspan serve\`, each a process) share ${few.checks} HTTP checks that run every ${few.intervalSeconds} s, with leases of`,
      `${few.leaseSeconds} s, through a Redis of their own. A proxy stands before Redis and the target, which can cut a replica off without its being`,
      "told: what was sent before arrives afterwards. The target counts the runs of each check, whoever runs it, and each replica is asked for",
      "`/health/` all the time. Each event happens to a fleet that is set up for it alone. All of it shares the machine's cores.",
    ].join("\n"),
    sections,
  };
}

/** A fleet that cannot be set up, or an event that cannot be watched, must not hide what else was found. */
async function findingsOf(
  options: FleetSceneOptions,
  event: (scene: FleetScene) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await afterEvent(options, event);
  } catch (error) {
    const name = `Watched to the end (${error instanceof Error ? error.message : String(error)})`;
    return [{ name, value: 0, unit: "", bound: { exactly: 1 } }];
  }
}
