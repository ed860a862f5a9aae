import type { CheckIdentity } from "../report.ts";
import type { MaintenanceCalendar } from "./calendar.ts";
import type { Maintenance } from "./maintenance.ts";

/** Stands for a calendar that may come later, or be replaced by another one; without one, nothing is in maintenance. */
export class ReplaceableCalendar implements MaintenanceCalendar {
  readonly #changed = new Set<() => void>();
  #calendar: MaintenanceCalendar | undefined;

  replace(calendar: MaintenanceCalendar | undefined): void {
    this.#calendar = calendar;
    for (const changed of this.#changed) changed();
  }

  at(check: CheckIdentity, moment: number): Maintenance | undefined {
    return this.#calendar?.at(check, moment);
  }

  within(check: CheckIdentity, from: number, until: number): number {
    return this.#calendar?.within(check, from, until) ?? 0;
  }

  active(moment: number): readonly Maintenance[] {
    return this.#calendar?.active(moment) ?? [];
  }

  nextEdge(after: number): number {
    return this.#calendar?.nextEdge(after) ?? Number.POSITIVE_INFINITY;
  }

  subscribe(changed: () => void): void {
    this.#changed.add(changed);
  }
}
