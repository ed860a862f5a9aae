/** The process was suspended or blocked when nothing was noted for so long. */
const maxPauseMilliseconds = 10_000;

/** The clocks do not agree when one has gone on so much more than the other: somebody has set the one that can be set. */
const maxDriftMilliseconds = 1000;

/** A time of which nothing is known. `until` is the earlier one when the clock was set back. */
export interface Gap {
  readonly from: number;
  readonly until: number;
}

/** Notices from two clocks when time was left out: because this process did nothing, or because a clock was set. */
export class Timeline {
  #wallAt: number | undefined;
  #monotonicAt = 0;

  /**
   * Notes a moment.
   * @returns what was left out since the last one
   */
  note(wallAt: number, monotonicAt: number): Gap | undefined {
    const before = this.#wallAt;
    const passed = monotonicAt - this.#monotonicAt;
    this.#wallAt = wallAt;
    this.#monotonicAt = monotonicAt;
    if (before === undefined) return undefined;
    if (passed > maxPauseMilliseconds) return { from: before, until: wallAt };
    if (Math.abs(wallAt - before - passed) <= maxDriftMilliseconds) return undefined;
    return { from: Math.round(before + passed), until: wallAt };
  }
}
