import { setTimeout as wait } from "node:timers/promises";
import { Asker } from "../asker.ts";
import { healthJson } from "../suspension/seen-states.ts";
import type { FleetReplica, FleetScene } from "./fleet-scene.ts";

/** A change of a check's state, as a replica tells of it. */
interface ToldChange {
  readonly check: string;
  readonly to: string;
  readonly time: string;
}

/** The changes of state that a replica knows, beginnings excepted. */
export async function changesOf(replica: FleetReplica): Promise<readonly ToldChange[]> {
  const asker = new Asker(replica.server.url);
  try {
    const { checks } = await healthJson(asker, "/health/");
    return checks.flatMap(({ componentId, transitions }) =>
      transitions.slice(0, -1).map(({ to, time }) => ({ check: componentId, to, time })),
    );
  } finally {
    asker.close();
  }
}

/** The identifiers in a replica's feed, in the order of the feed. */
export async function feedOf(replica: FleetReplica): Promise<readonly string[]> {
  const asker = new Asker(replica.server.url);
  try {
    const { body } = await asker.ask("/health/?format=atom");
    return [...body.matchAll(/<entry>.*?<id>(.*?)<\/id>/gs)].map(([, id = ""]) => id);
  } finally {
    asker.close();
  }
}

/** How many of some identifiers are not among others. */
export function lackingIn(some: Iterable<string>, others: Iterable<string>): number {
  const known = new Set(others);
  return [...some].filter((id) => !known.has(id)).length;
}

/** How often the replicas, together, have logged each change into a state: `healthy` or another. */
export function loggedCounts({ all }: FleetScene, from: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name, server } of all) {
    for (const { check, msg } of server.log.slice(from.get(name) ?? 0)) {
      if (check === undefined) continue;
      const key = `${check} ${msg.endsWith(": OK") ? "healthy" : "down"}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

/** How much each replica has logged so far. */
export function logLengths({ all }: FleetScene): ReadonlyMap<string, number> {
  return new Map(all.map(({ name, server }) => [name, server.log.length]));
}

/** Tries until all replicas show these checks as unhealthy, and all others as healthy. Resolves to whether that came in time. */
export async function untilDown(scene: FleetScene, names: readonly string[], seconds: number): Promise<boolean> {
  const wanted = new Set(names);
  const giveUpAt = Date.now() + 1000 * seconds;
  while (Date.now() < giveUpAt) {
    const shown = await Promise.all(scene.replicas.map(statesOf));
    const isShown = shown.every((states) =>
      states.every(([name, state]) => state === (wanted.has(name) ? "unhealthy" : "healthy")),
    );
    if (isShown) return true;
    await wait(200);
  }
  return false;
}

/** Each check with the state that a replica shows now. */
async function statesOf(replica: FleetReplica): Promise<readonly (readonly [string, string])[]> {
  const asker = new Asker(replica.server.url);
  try {
    const { checks } = await healthJson(asker, "/health/");
    return checks.map(({ componentId, state }) => [componentId, state]);
  } finally {
    asker.close();
  }
}

/** Since when each check is in its state, as a replica says. */
export async function sinceOf(replica: FleetReplica): Promise<ReadonlyMap<string, string>> {
  const asker = new Asker(replica.server.url);
  try {
    const { checks } = await healthJson(asker, "/health/");
    return new Map(checks.map(({ componentId, since }) => [componentId, since]));
  } finally {
    asker.close();
  }
}
