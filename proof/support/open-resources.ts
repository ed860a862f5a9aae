import { readdirSync, readlinkSync } from "node:fs";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { armedTimers, watchTimers } from "./timers.ts";

/** How many of each kind of resource are open. */
export type OpenResources = Readonly<Record<string, number>>;

/** Sockets, pipes, name lookups and threads; what reads files comes and goes by itself. */
const kinds = /TCP|TLS|UDP|Pipe|DNS|GetAddrInfo|Worker|MessagePort/i;

/**
 * What this process has open now, by Node's account and, where there is a /proc, by the kernel's; and the timers that were
 * set since the first call.
 */
export function openResources(): OpenResources {
  watchTimers();
  const counts: Record<string, number> = { ...descriptors(), timers: armedTimers() };
  for (const kind of process.getActiveResourcesInfo()) {
    if (kinds.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** The fewest of each kind that are open within this time: what stays open. */
export async function fewestOpenResources(milliseconds: number): Promise<OpenResources> {
  const until = performance.now() + milliseconds;
  let fewest = openResources();
  while (performance.now() < until) {
    await pause();
    fewest = fewestOf(fewest, openResources());
  }
  return fewest;
}

/**
 * Waits until no more is open than before.
 * @returns what is still open when the time is up; empty when nothing is
 */
export async function leftOpen(before: OpenResources, maxMilliseconds: number): Promise<OpenResources> {
  const until = performance.now() + maxMilliseconds;
  let fewest = openResources();
  for (;;) {
    const left = Object.entries(fewest).filter(([kind, count]) => count > (before[kind] ?? 0));
    if (left.length === 0 || performance.now() > until) {
      return Object.fromEntries(left.map(([kind, count]) => [kind, count - (before[kind] ?? 0)]));
    }
    await pause();
    fewest = fewestOf(fewest, openResources());
  }
}

/** Lets a moment pass, and its own timer with it, whose end Node reports a turn later. */
async function pause(): Promise<void> {
  await wait(5);
  await turn();
  await turn();
}

function fewestOf(one: OpenResources, other: OpenResources): OpenResources {
  const common = Object.keys(one).filter((kind) => kind in other);
  return Object.fromEntries(common.map((kind) => [kind, Math.min(one[kind] ?? 0, other[kind] ?? 0)]));
}

function descriptors(): OpenResources {
  let names: readonly string[];
  try {
    names = readdirSync("/proc/self/fd");
  } catch {
    return { descriptors: 0, "socket descriptors": 0 }; // Another system than Linux.
  }
  const targets = names.flatMap((name) => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)];
    } catch {
      return []; // Closed since the list was made, as the one that made it.
    }
  });
  return {
    descriptors: targets.length,
    "socket descriptors": targets.filter((target) => target.startsWith("socket:")).length,
  };
}
