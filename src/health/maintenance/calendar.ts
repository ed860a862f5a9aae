import type { CheckIdentity } from "../report.ts";
import type { Maintenance } from "./maintenance.ts";

/** When which checks are in maintenance. */
export interface MaintenanceCalendar {
  /** The maintenance that a check is in at a moment, in milliseconds since the epoch; undefined when it is in none. */
  at(check: CheckIdentity, moment: number): Maintenance | undefined;
  /** How many milliseconds between two moments a check was in maintenance. */
  within(check: CheckIdentity, from: number, until: number): number;
  /** Those that are under way at a moment, whichever checks they are of. */
  active(moment: number): readonly Maintenance[];
  /** The first moment after another one at which a maintenance begins or ends; infinity when none will. */
  nextEdge(after: number): number;
  /** Calls back whenever it says something else than before, for another reason than that time has passed. */
  subscribe?(changed: () => void): void;
}
