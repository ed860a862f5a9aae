import type { Caller } from "./caller.ts";
import type { Run } from "./run.ts";

/**
 * A result that is awaited: its run is under way, or waits for its turn or for the check's dependencies.
 *
 * It is a property of its check, and not an entry in a map of them all. When entries come and go, V8 gives a map or a set a new table again and
 * again, and an old table that has outlived two young collections keeps everything that was ever in it until the next
 * collection of the whole heap. Measured with 10,000 owners and 50 entries of 0.5 KB at a time, 600,000 in all (Node.js 24):
 * 17 to 59 MB and 15 to 37 full collections with a map or a set, 4 MB and one with a property. Everything that every run passes
 * through follows this rule.
 */
export interface Renewal {
  readonly done: Promise<void>;
  readonly finish: () => void;
  readonly caller: Caller;
  /** The version of the checks whose results are too old for the caller. */
  readonly since: number;
  run: Run | undefined;
  /** Ends the wait for a place where the check can run. */
  giveUp?: () => void;
}
