import { type CpuReading, type CpuUse, cpuUse } from "./cpu-use.ts";

/** The system counts in steps of 10 ms: less time than this would be noise. */
export const minMeasuredSeconds = 0.25;

/** The time is told to this share of it, so that a check that runs often keeps no more readings than that. */
const readingsInWindow = 60;

/** Runs come a little early or late: this share of the time counts as all of it, rather than the time since one run more. */
const enough = 0.95;

/** How much of the CPU time was in use in the time that is looked at. */
export interface CpuAverage extends CpuUse {
  /** How long that time was. */
  readonly seconds: number;
  /** Whether that is all of the time to look at, and none of it is left out. */
  readonly isWhole: boolean;
}

/** The readings of the last minute, or of whatever time an average is wanted. */
export class CpuWindow {
  readonly #seconds: number;
  readonly #countsFrom: number;
  /** The oldest first; there is always one. */
  #readings: readonly [CpuReading, ...CpuReading[]];

  /**
   * @param first the reading at which the time begins
   * @param seconds the length of the time; 0: since the reading before
   * @param leftOutSeconds how much time after the first reading belongs to no whole average
   */
  constructor(first: CpuReading, seconds: number, leftOutSeconds: number) {
    this.#seconds = seconds;
    this.#countsFrom = first.atSeconds + leftOutSeconds;
    this.#readings = [first];
  }

  /** How long to wait until a reading is worth taking, in seconds: only the first one can come too soon. */
  secondsToWait(atSeconds: number): number {
    const [first, second] = this.#readings;
    return second === undefined ? Math.max(0, minMeasuredSeconds - (atSeconds - first.atSeconds)) : 0;
  }

  /**
   * Takes a reading, and tells how much was in use before it: in the time to look at, or since the reading before if that is
   * longer ago, or since the first one if that is not so long ago.
   * @returns undefined when the counters stood still or went back, so that nothing can be said; the time begins anew
   */
  add(reading: CpuReading): CpuAverage | undefined {
    const whole = enough * this.#seconds;
    const span = Math.max(whole, minMeasuredSeconds);
    const [oldest] = this.#readings;
    const base = this.#readings.findLast(({ atSeconds }) => reading.atSeconds - atSeconds >= span) ?? oldest;
    const use = cpuUse(base, reading);
    if (use === undefined) {
      this.#readings = [reading];
      return undefined;
    }
    this.#keep(base, reading);
    const seconds = reading.atSeconds - base.atSeconds;
    return { ...use, seconds, isWhole: seconds >= whole && base.atSeconds >= this.#countsFrom };
  }

  /** Keeps the readings from which a later one may be measured. */
  #keep(base: CpuReading, reading: CpuReading): void {
    const later = this.#readings.slice(this.#readings.indexOf(base) + 1);
    const newest = later.at(-1) ?? base;
    const step = Math.max(this.#seconds / readingsInWindow, minMeasuredSeconds);
    this.#readings = reading.atSeconds - newest.atSeconds < step ? [base, ...later] : [base, ...later, reading];
  }
}
