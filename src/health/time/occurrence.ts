import { awakeClock } from "./awake-clock.ts";

/** The wall clock was set when it and the monotonic clock have moved apart by more than this. */
const maxDriftMilliseconds = 1000;

/** Something that happened, on the clocks by which it is judged, shown and stored. */
export class Occurrence {
  readonly #monotonicAt: number;
  readonly #awakeAt: number;
  #wallAt: number;

  /**
   * @param milliseconds how long ago it was
   * @param now the present on the wall clock
   */
  constructor(milliseconds = 0, now = Date.now()) {
    this.#monotonicAt = performance.now() - milliseconds;
    this.#awakeAt = awakeClock.now() - milliseconds;
    this.#wallAt = now - milliseconds;
  }

  /**
   * What was stored, by the wall clock in milliseconds since the epoch. A moment in the future shows that the clock was set
   * back: it counts as the present.
   */
  static at(wallAt: number): Occurrence {
    const now = Date.now();
    return new Occurrence(Math.max(0, now - wallAt), now);
  }

  /** How long ago it was, to be shown. */
  get milliseconds(): number {
    return performance.now() - this.#monotonicAt;
  }

  /** For how much of that time this process could do its work. */
  get awakeMilliseconds(): number {
    return Math.max(0, awakeClock.now() - this.#awakeAt);
  }

  /** When it was on the wall clock as that goes now, to be stored: the same each time, unless the clock was set. */
  get at(): number {
    const wallAt = Date.now() - this.milliseconds;
    if (Math.abs(wallAt - this.#wallAt) > maxDriftMilliseconds) this.#wallAt = wallAt;
    return this.#wallAt;
  }
}
