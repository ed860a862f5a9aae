import { setFlagsFromString } from "node:v8";

/** How much the heap may grow after a collection before the next one, in percent of what was still in use. */
const growthPercent = 50;

/**
 * Lets V8 collect the garbage of a server with many checks, which makes it slowly but for ever, at the right time and place.
 * By itself V8 lets a heap grow to a multiple of what is in use before it collects: memory that what is watched could use. And
 * it has several threads look at what is young, of which this program leaves next to nothing: they take longer to come
 * together than one takes for it, above all on a machine where others want the processors too.
 */
export function tuneGarbageCollector(): void {
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
  setFlagsFromString("--no-parallel-scavenge");
}
