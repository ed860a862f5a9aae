import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import {
  fewestOpenResources,
  leftOpen,
  type OpenResources,
  openResources,
} from "../../../proof/support/open-resources.ts";

/** Opens things and looks at what is left, in a process of its own: a test runner sets timers whenever it likes. */

/** What was left open at each look. */
export interface LeftOpen {
  readonly withTimer: OpenResources;
  readonly withoutTimer: OpenResources;
  readonly beforeSignal: OpenResources;
  readonly afterSignal: OpenResources;
  readonly afterOwnTimer: OpenResources;
}

process.on("disconnect", () => process.exit()); // Which also keeps it alive until then.

const before = await fewestOpenResources(20);

const timer = setTimeout(() => {}, 60_000).unref();
const withTimer = await leftOpen(before, 50);
clearTimeout(timer);
const withoutTimer = await leftOpen(before, 5000);

const signal = AbortSignal.timeout(1000);
const beforeSignal = await leftOpen(before, 50);
if (!signal.aborted) await once(signal, "abort");
const afterSignal = await leftOpen(before, 5000);

const beforeOwnTimer = openResources();
await wait(5);
const afterOwnTimer = await leftOpen(beforeOwnTimer, 5000);

const found: LeftOpen = { withTimer, withoutTimer, beforeSignal, afterSignal, afterOwnTimer };
process.send?.(found);
