import { setTimeout } from "node:timers/promises";

/** How long a server may take to start on a busy machine. */
const longestWaitMilliseconds = 20_000;
const pauseMilliseconds = 50;

/** Tries until it does not throw, also outside of tests, where `vi.waitFor` cannot be used. Throws what the last try threw. */
export async function waitFor(attempt: () => unknown): Promise<void> {
  for (const startedAt = performance.now(); ; ) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (performance.now() - startedAt > longestWaitMilliseconds) throw error;
      await setTimeout(pauseMilliseconds);
    }
  }
}
