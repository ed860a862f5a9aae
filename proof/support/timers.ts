import { createHook } from "node:async_hooks";

/** The timers that were set since the first call of {@link watchTimers} and are still armed. */
const armed = new Set<number>();

// Promises are not tracked: that would slow down everything that is measured.
const hook = createHook({
  trackPromises: false,
  init: (id, type) => {
    if (type === "Timeout") armed.add(id);
  },
  destroy: (id) => void armed.delete(id),
});

/** Begins to count timers, including those that do not keep the process alive, such as those of sockets and `AbortSignal.timeout`. */
export function watchTimers(): void {
  hook.enable();
}

/** How many of the timers that were set since then are armed. */
export function armedTimers(): number {
  return armed.size;
}
