import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** How much the heap may grow between two collections, in percent of what was in use after the first. */
const growthPercent = 50;

/**
 * Tunes V8's garbage collector for a server that allocates slowly but for months.
 * By default V8 lets the heap grow to a multiple of what is in use before it collects, which takes memory from the rest of the
 * machine. It also collects young objects in several threads; almost none of them survive here, so starting the threads
 * takes longer than collecting in one, especially on a busy machine.
 */
export function tuneGarbageCollector(): void {
  keepYoungGenerationSmall();
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
  setFlagsFromString("--no-parallel-scavenge");
}

/**
 * While the configuration and what comes after it load, V8's young generation would grow by 25 MB that an idle server never needs
 * again and never gives back. The modules of the server have let it grow by 5 MB already: with less, they would take a twentieth
 * longer to load.
 */
function keepYoungGenerationSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}

/** How large V8's young generation becomes: room for what the runs of ten thousand checks allocate in a quarter of a second. */
const youngBytes = 16 * 2 ** 20;

/**
 * Lets V8's young generation grow, which the program has kept small while it loaded, but not for ever. By default it doubles
 * each time that as much has survived in it as it holds, until it has 128 MB that are never given back: what survives adds up
 * over hours, so that every server gets there. Looks after each collection, until it is large enough.
 */
export function letYoungGenerationGrow(): void {
  setFlagsFromString("--semi-space-growth-factor=2");
  const observer = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
    if (young !== undefined && young.space_size < youngBytes) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    observer.disconnect();
  });
  observer.observe({ entryTypes: ["gc"] });
}
