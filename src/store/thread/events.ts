import type { State } from "../../health/state.ts";
import { numberOf } from "../buckets/bucket.ts";

/**
 * What happened, in the order in which it happened, as four numbers an event. The first says of which check it is (its number
 * times 64, 0 for the clock) and what it is; the others are whole milliseconds since the epoch, or seconds for a duration. As
 * such it is handed to the thread, and written to the journal.
 */
export const numbersPerEvent = 4;

/** The factor of a check's number in the first number of its events. */
export const checkFactor = 64;

const ran = 8;
const failed = 16;
const maintained = 32;
/** In the place of what else it may be: a run has measured something. */
export const measuredEvent = 34;
/** In the place of a state: the check is no longer watched. */
const gone = 7;

/** Of the clock: the process was alive at a moment. */
const alive = 0;
/** Of the clock: it was not between two moments, or the clock was set. */
const away = 1;

/** The first number of the event that a check's maintenance begins or ends. */
export function maintenanceEvent(check: number, begins: boolean): number {
  return check * checkFactor + maintained + (begins ? 1 : 0);
}

/** One event, decoded. */
export type Event =
  | { readonly kind: "alive"; readonly at: number }
  | { readonly kind: "away"; readonly from: number; readonly until: number }
  | { readonly kind: "gone"; readonly check: number; readonly at: number }
  | {
      readonly kind: "observed";
      readonly check: number;
      /** A number of `historyStates`. */
      readonly state: number;
      readonly at: number;
      readonly trustedUntil: number;
      /** Of the run that ended; undefined when there was none. */
      readonly durationSeconds: number | undefined;
      readonly failed: boolean;
    }
  /** The run that was observed before it has measured a value. */
  | {
      readonly kind: "measured";
      readonly check: number;
      readonly at: number;
      readonly measure: number;
      readonly value: number;
    }
  /** From that moment on the check is in maintenance, or no longer. */
  | { readonly kind: "maintained"; readonly check: number; readonly at: number; readonly begins: boolean };

/** Collects events until they are handed over. */
export class EventBuffer {
  readonly #limit: number;
  #numbers = new Float64Array(numbersPerEvent * 64);
  #length = 0;

  /** @param limit how many events are kept at most; further ones are dropped */
  constructor(limit: number) {
    this.#limit = limit * numbersPerEvent;
  }

  get isFull(): boolean {
    return this.#length >= this.#limit;
  }

  alive(at: number): void {
    this.#add(alive, at, 0, 0);
  }

  away(from: number, until: number): void {
    this.#add(away, from, until, 0);
  }

  gone(check: number, at: number): void {
    this.#add(check * checkFactor + gone, at, 0, 0);
  }

  observed(
    check: number,
    state: State,
    at: number,
    trustedUntil: number,
    run: { readonly durationSeconds: number; readonly failed: boolean } | undefined,
  ): void {
    const what = numberOf[state] + (run === undefined ? 0 : ran) + (run?.failed === true ? failed : 0);
    this.#add(check * checkFactor + what, at, trustedUntil, run?.durationSeconds ?? 0);
  }

  measured(check: number, at: number, measure: number, value: number): void {
    this.#add(check * checkFactor + measuredEvent, at, measure, value);
  }

  maintained(check: number, at: number, begins: boolean): void {
    this.#add(maintenanceEvent(check, begins), at, 0, 0);
  }

  /** Hands over what was collected, and begins anew. */
  take(): Float64Array<ArrayBuffer> {
    const taken = this.#numbers.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #add(first: number, second: number, third: number, fourth: number): void {
    if (this.isFull) return;
    if (this.#length === this.#numbers.length) {
      const larger = new Float64Array(2 * this.#numbers.length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#length] = first;
    this.#numbers[this.#length + 1] = second;
    this.#numbers[this.#length + 2] = third;
    this.#numbers[this.#length + 3] = fourth;
    this.#length += numbersPerEvent;
  }
}

/** Decodes what an {@link EventBuffer} collected. */
export function* readEvents(numbers: Float64Array): Generator<Event, void> {
  for (let place = 0; place + numbersPerEvent <= numbers.length; place += numbersPerEvent) {
    yield decode(numbers[place] ?? 0, numbers[place + 1] ?? 0, numbers[place + 2] ?? 0, numbers[place + 3] ?? 0);
  }
}

function decode(first: number, second: number, third: number, fourth: number): Event {
  const check = Math.floor(first / checkFactor);
  const what = first % checkFactor;
  if (check === 0) {
    return what === away ? { kind: "away", from: second, until: third } : { kind: "alive", at: second };
  }
  if (what === measuredEvent) return { kind: "measured", check, at: second, measure: third, value: fourth };
  if ((what & maintained) !== 0) return { kind: "maintained", check, at: second, begins: (what & 1) === 1 };
  const state = what & gone;
  if (state === gone) return { kind: "gone", check, at: second };
  const durationSeconds = (what & ran) === 0 ? undefined : fourth;
  return {
    kind: "observed",
    check,
    state,
    at: second,
    trustedUntil: third,
    durationSeconds,
    failed: (what & failed) !== 0,
  };
}
