import { setImmediate as immediate } from "node:timers/promises";

/** How long work may hold the event loop: a reload of thousands of checks must not delay responses noticeably. */
const sliceMilliseconds = 20;

/** Divides long work into slices, so that the event loop can run between them. */
export class TimeSlices {
  #startedAt = performance.now();

  /** Whether it is time to {@link pause}; cheap enough to be asked for each small piece of work. */
  get isOver(): boolean {
    return performance.now() - this.#startedAt > sliceMilliseconds;
  }

  /** Lets the event loop run once. */
  async pause(): Promise<void> {
    await immediate();
    this.#startedAt = performance.now();
  }
}
