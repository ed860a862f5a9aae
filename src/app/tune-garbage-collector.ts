import { setFlagsFromString } from "node:v8";

/** How much the heap may grow between two collections, in percent of what was in use after the first. */
const growthPercent = 50;

/**
 * Tunes V8's garbage collector for a server that allocates slowly but for months.
 * By default V8 lets the heap grow to a multiple of what is in use before it collects, which takes memory from the rest of the
 * machine. It also collects young objects in several threads; almost none of them survive here, so starting the threads
 * takes longer than collecting in one, especially on a busy machine.
 */
export function tuneGarbageCollector(): void {
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
  setFlagsFromString("--no-parallel-scavenge");
}
