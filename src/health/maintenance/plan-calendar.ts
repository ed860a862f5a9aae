import type { CheckIdentity } from "../report.ts";
import type { MaintenanceCalendar } from "./calendar.ts";
import type { Maintenance } from "./maintenance.ts";
import type { MaintenancePlan } from "./plan.ts";
import { covers, type Scope } from "./scope.ts";

/** A maintenance that is under way. */
interface Active {
  readonly maintenance: Maintenance;
  readonly scope: Scope;
}

/** A time in which nothing begins or ends. */
interface Stretch {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly until: number;
  /** The one that ends last is the first. */
  readonly active: readonly Active[];
}

/** The calendar of some plans. It is asked about every check in every report, and computes anew only when something begins or ends. */
export class PlanCalendar implements MaintenanceCalendar {
  readonly #plans: readonly MaintenancePlan[];
  #present: Stretch | undefined;

  constructor(plans: readonly MaintenancePlan[]) {
    this.#plans = plans;
  }

  at(check: CheckIdentity, moment: number): Maintenance | undefined {
    const { active } = this.#stretchAt(moment);
    return active.length === 0 ? undefined : active.find(({ scope }) => covers(scope, check))?.maintenance;
  }

  within(check: CheckIdentity, from: number, until: number): number {
    if (until <= from || this.#plans.length === 0) return 0;
    const present = this.#present;
    if (present !== undefined && present.from <= from && until <= present.until) {
      return present.active.some(({ scope }) => covers(scope, check)) ? until - from : 0;
    }
    const spans = this.#plans
      .filter(({ scope }) => covers(scope, check))
      .flatMap(({ occurrences }) => occurrences.between(from, until))
      .sort((one, other) => one.startsAt - other.startsAt);
    let milliseconds = 0;
    let counted = from;
    for (const { startsAt, endsAt } of spans) {
      const end = Math.min(endsAt, until);
      milliseconds += Math.max(0, end - Math.max(startsAt, counted));
      counted = Math.max(counted, end);
    }
    return milliseconds;
  }

  active(moment: number): readonly Maintenance[] {
    return this.#stretchAt(moment).active.map(({ maintenance }) => maintenance);
  }

  nextEdge(after: number): number {
    return this.#stretchAt(after).until;
  }

  #stretchAt(moment: number): Stretch {
    const present = this.#present;
    if (present !== undefined && present.from <= moment && moment < present.until) return present;
    this.#present = stretchOf(this.#plans, moment);
    return this.#present;
  }
}

/** How far back a stretch is followed, for those who ask about the time that has just passed. */
const backMilliseconds = 3_600_000;

function stretchOf(plans: readonly MaintenancePlan[], moment: number): Stretch {
  let from = moment - backMilliseconds;
  let until = Number.POSITIVE_INFINITY;
  const active: Active[] = [];
  for (const { occurrences, scope, maintenanceOf } of plans) {
    for (const occurrence of occurrences.between(from, moment + 1)) {
      const { startsAt, endsAt } = occurrence;
      // What begins within this millisecond has not begun yet.
      if (startsAt > moment) continue;
      from = Math.max(from, startsAt);
      if (endsAt <= moment) from = Math.max(from, endsAt);
      else {
        active.push({ maintenance: maintenanceOf(occurrence), scope });
        until = Math.min(until, endsAt);
      }
    }
    until = Math.min(until, occurrences.next(moment)?.startsAt ?? Number.POSITIVE_INFINITY);
  }
  active.sort((one, other) => endOf(other.maintenance) - endOf(one.maintenance));
  return { from, until, active };
}

function endOf({ endsAt }: Maintenance): number {
  // Two that never end must compare as equal.
  return endsAt ?? Number.MAX_VALUE;
}
