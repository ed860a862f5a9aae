import type { Observation } from "../../health/history/observation.ts";
import type { MaintenanceCalendar } from "../../health/maintenance/calendar.ts";
import type { CheckIdentity } from "../../health/report.ts";
import type { EventBuffer } from "../thread/events.ts";
import type { ToldCheck, ToldMeasure } from "../thread/messages.ts";
import { KnownMeasures } from "./known-measures.ts";

/** How long the state of a check is believed that runs only when somebody asks. */
const heldMilliseconds = 300_000;

/** In how many turns all checks are looked at for maintenance that has begun or ended between two runs. */
const turnsToLookAtAll = 20;

interface WatchedCheck {
  readonly identity: CheckIdentity;
  readonly number: number;
  /** Whether its last run failed. */
  failing: boolean;
  isMaintained: boolean;
  /** When that was looked up. */
  lookedAt: number;
}

/** The checks that are watched: the number of each, and the events that it gives. */
export class WatchedChecks {
  readonly #events: EventBuffer;
  readonly #byName = new Map<string, WatchedCheck>();
  readonly #measures = new KnownMeasures();
  #untold: ToldCheck[] = [];
  #last = 0;
  /** Where the search for maintenance goes on. */
  #looking: Iterator<WatchedCheck> | undefined;
  calendar: MaintenanceCalendar | undefined;

  constructor(events: EventBuffer) {
    this.#events = events;
  }

  /** What its events call a check; undefined when it has not been observed. */
  numberOf(name: string): number | undefined {
    return this.#byName.get(name)?.number;
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  /**
   * Takes what was observed.
   * @returns whether what is to be kept of the check for the next start has changed
   */
  take({ check, state, at, trustedUntil, run, transition }: Observation, now: number): boolean {
    const watched = this.#watch(check, now);
    this.#look(watched, now);
    const trusted = Math.round(now + (trustedUntil === undefined ? heldMilliseconds : trustedUntil - at));
    this.#events.observed(watched.number, state, now, trusted, run);
    for (const measured of run?.measures ?? []) {
      this.#events.measured(watched.number, now, this.#measures.numberOf(measured), measured.value);
    }
    const wasFailing = watched.failing;
    watched.failing = run?.failed ?? wasFailing;
    return transition !== undefined || watched.failing || wasFailing;
  }

  /** Looks whether maintenance has begun or ended, for some of the checks each time. */
  lookForMaintenance(now: number): void {
    if (this.calendar === undefined) return;
    const count = Math.ceil(this.#byName.size / turnsToLookAtAll);
    this.#looking ??= this.#byName.values();
    for (let looked = 0; looked < count; looked += 1) {
      const { value, done } = this.#looking.next();
      if (done === true) {
        this.#looking = undefined;
        return;
      }
      this.#look(value, now);
    }
  }

  isInMaintenance(check: CheckIdentity, now: number): boolean {
    return this.calendar?.at(check, now) !== undefined;
  }

  /** A check is no longer watched. */
  remove(name: string, now: number): void {
    const watched = this.#byName.get(name);
    if (watched === undefined) return;
    this.#byName.delete(name);
    this.#events.gone(watched.number, now);
  }

  /** Those that the thread has not been told of. */
  takeUntold(): readonly ToldCheck[] {
    const untold = this.#untold;
    this.#untold = [];
    return untold;
  }

  /** The measures that the thread has not been told of. */
  takeUntoldMeasures(): readonly ToldMeasure[] {
    return this.#measures.takeUntold();
  }

  /** The thread knows of none. */
  tellAll(): void {
    this.#measures.tellAll();
    this.#untold = Array.from(this.#byName.values(), toldOf);
  }

  #watch(identity: CheckIdentity, now: number): WatchedCheck {
    const known = this.#byName.get(identity.name);
    if (known?.identity.type === identity.type && known !== undefined) return known;
    if (known !== undefined) this.remove(identity.name, now); // Another type: another check.
    this.#last += 1;
    const watched = { identity, number: this.#last, failing: false, isMaintained: false, lookedAt: now };
    this.#byName.set(identity.name, watched);
    this.#untold.push(toldOf(watched));
    return watched;
  }

  #look(watched: WatchedCheck, now: number): void {
    const { calendar } = this;
    if (calendar === undefined) return;
    const { identity, number, isMaintained, lookedAt } = watched;
    const isNow = calendar.at(identity, now) !== undefined;
    watched.lookedAt = now;
    if (isNow === isMaintained) return;
    watched.isMaintained = isNow;
    // When exactly, follows from how much of the time since the last look was maintenance.
    const maintained = Math.min(now - lookedAt, Math.max(0, calendar.within(identity, lookedAt, now)));
    this.#events.maintained(number, Math.round(isNow ? now - maintained : lookedAt + maintained), isNow);
  }
}

function toldOf({ identity, number }: WatchedCheck): ToldCheck {
  return { number, name: identity.name, type: identity.type ?? "" };
}
