import { AsyncLocalStorage, createHook } from "node:async_hooks";
import { readdirSync, readlinkSync } from "node:fs";
import { expect, vi } from "vitest";

const inAction = new AsyncLocalStorage<true>();

/**
 * After `action` no more sockets may be open than before, and no timer that it started may keep the process alive.
 * @param patience how long it is waited for what lets go a moment later, in milliseconds
 */
export async function leavesNothingBehind(action: () => Promise<void>, patience = 5000): Promise<void> {
  const before = openSockets();
  const timers = new Map<number, { readonly timer: NodeJS.Timeout; readonly startedAt: string | undefined }>();
  const hook = createHook({
    init(id, type, _, resource) {
      if (type !== "Timeout" || inAction.getStore() === undefined) return;
      timers.set(id, { timer: resource as NodeJS.Timeout, startedAt: new Error("a timer was left behind").stack });
    },
    destroy: (id) => void timers.delete(id),
  }).enable();
  try {
    await inAction.run(true, action);
    await vi.waitFor(
      () => {
        for (const [type, count] of Object.entries(openSockets())) {
          expect(count, `open: ${type}`).toBeLessThanOrEqual(before[type] ?? 0);
        }
        for (const { timer, startedAt } of timers.values()) if (timer.hasRef()) throw new Error(startedAt);
      },
      { timeout: patience, interval: 20 },
    );
  } finally {
    hook.disable();
  }
}

function openSockets(): Record<string, number> {
  const counts: Record<string, number> = { "socket descriptors": socketDescriptors() };
  for (const type of process.getActiveResourcesInfo()) {
    // The test runner's own: its timers, its pipes, what is being read.
    if (!/TCP|TLS|UDP|DNS|Pipe/i.test(type)) continue;
    counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}

/** Counts those too that Node.js does not tell of, such as the resolver's. 0 where the system has no /proc. */
function socketDescriptors(): number {
  let descriptors: string[];
  try {
    descriptors = readdirSync("/proc/self/fd");
  } catch {
    return 0;
  }
  return descriptors.filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith("socket:");
    } catch {
      return false; // Closed since the list was made, as the one that made it.
    }
  }).length;
}
