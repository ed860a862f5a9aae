import type { Transition } from "../health/report.ts";
import type { State } from "../health/state.ts";

/** How many changes of state are remembered of each check. */
export const rememberedTransitions = 20;

/** What of a check is kept over a restart. */
export interface RememberedCheck {
  readonly name: string;
  /** A check of another type is another check. Undefined when it is not known. */
  readonly type?: string | undefined;
  readonly state: State;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly lastSuccessAt: number | undefined;
  /** Newest first. */
  readonly transitions: readonly Transition[];
  /** What the check itself wants to know again. */
  readonly memory?: unknown;
}
