import type { History } from "../health/history/history.ts";
import type { Observation } from "../health/history/observation.ts";
import type { MaintenanceCalendar } from "../health/maintenance/calendar.ts";
import type { CheckIdentity } from "../health/report.ts";
import type { RememberedCheck } from "./remembered-check.ts";

/** What a monitor tells the one that keeps its history. */
export interface KeptMonitor {
  /** The checks there are now. */
  identities(): readonly CheckIdentity[];
  /** What to keep over a restart of the named checks. */
  remember(names: readonly string[]): readonly RememberedCheck[];
  readonly maintenance: MaintenanceCalendar | undefined;
}

/** A history that the monitor itself tells what happens. Each of its methods returns at once, and none throws. */
export interface HistoryKeeper extends History {
  /** What was kept over the last restart. */
  readonly remembered: readonly RememberedCheck[];
  /** The monitor is there. */
  begin(monitor: KeptMonitor): void;
  /** A run has ended, or a check was skipped. */
  observed(observation: Observation): void;
  /** What a check wants to remember has changed. */
  changed(check: string): void;
  /** Other checks have taken the place of those that there were. */
  replaced(): void;
}

/** The history as one that keeps itself; undefined when it is one that is only read. */
export function keeperOf(history: History | HistoryKeeper | undefined): HistoryKeeper | undefined {
  return history !== undefined && "begin" in history ? history : undefined;
}

/** Whom a monitor tells what it has learnt. */
type Observed = (observation: Observation) => void;

/** Tells both what was observed; undefined when there is nobody to tell. */
export function tellBoth(observed: Observed | undefined, keeper: HistoryKeeper | undefined): Observed | undefined {
  if (keeper === undefined) return observed;
  return (observation) => {
    keeper.observed(observation);
    observed?.(observation);
  };
}
