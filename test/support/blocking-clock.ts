import { vi } from "vitest";

interface Timer {
  readonly callback: () => void;
  readonly at: number;
}

/**
 * Stands in for `setTimeout`, `clearTimeout` and `performance.now()`, and lets the process be blocked: what is due meanwhile
 * is called once that is over, as Node does. `vi.unstubAllGlobals()` and `vi.restoreAllMocks()` end it.
 */
export class BlockingClock {
  /** In milliseconds. */
  now = 0;
  #timers: Timer[] = [];

  constructor() {
    vi.spyOn(performance, "now").mockImplementation(() => this.now);
    vi.stubGlobal("setTimeout", (callback: () => void, milliseconds: number) => {
      const timer = { callback, at: this.now + milliseconds };
      this.#timers.push(timer);
      return timer;
    });
    vi.stubGlobal("clearTimeout", (timer: Timer) => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    });
  }

  get pending(): number {
    return this.#timers.length;
  }

  /** Lets time pass in which the process does its work. */
  pass(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (let due = this.#next(end); due !== undefined; due = this.#next(end)) {
      this.now = Math.max(this.now, due.at);
      this.#timers = this.#timers.filter((other) => other !== due);
      due.callback();
    }
    this.now = end;
  }

  /** Lets time pass in which the process does nothing, and then what was due meanwhile. */
  block(milliseconds: number): void {
    this.now += milliseconds;
    this.pass(0);
  }

  #next(end: number): Timer | undefined {
    return this.#timers.filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0];
  }
}
