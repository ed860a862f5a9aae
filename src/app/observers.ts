import type { Observation } from "../health/history/observation.ts";

/** Takes what the monitor has learnt of a check. It must return at once, and must not throw. */
export type Observer = (observation: Observation) => void;

/**
 * Hands each observation on to everybody who wants it. They are added after the monitor has been made, because they need it; what it
 * learns before it is started, nobody has missed.
 */
export class Observers {
  readonly #observers: Observer[] = [];

  add(observer: Observer): void {
    this.#observers.push(observer);
  }

  /** For the monitor's option `observed`. */
  readonly observed: Observer = (observation) => {
    for (const observer of this.#observers) observer(observation);
  };
}
