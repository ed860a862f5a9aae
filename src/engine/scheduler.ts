import type { EngineInstruments } from "../telemetry/engine-instruments.ts";

/** Something that is due again and again. */
export interface Scheduled<Subject> {
  readonly subject: Subject;
  readonly intervalMilliseconds: number;
}

/** The first runs of few checks come quickly after one another, those of many are spread over their interval. */
const longestFirstGapMilliseconds = 100;

/** Each run is moved by at most this share of the interval, so that checks with one interval do not march in step. */
const jitter = 0.05;

/** Says when something is due: once at the beginning, then at every interval. */
export class Scheduler<Subject> {
  readonly #timers = new Map<Scheduled<Subject>, NodeJS.Timeout>();
  readonly #due: (subject: Subject) => void;
  readonly #instruments: EngineInstruments;
  readonly #random: () => number;
  #count = 0;

  /** @param due is called for each that is due, and must not throw */
  constructor(due: (subject: Subject) => void, instruments: EngineInstruments, random: () => number = Math.random) {
    this.#due = due;
    this.#instruments = instruments;
    this.#random = random;
  }

  start(subjects: readonly Scheduled<Subject>[]): void {
    const now = performance.now();
    this.#count = subjects.length;
    for (const [index, scheduled] of subjects.entries()) {
      const firstAt = now + index * this.#gapOf(scheduled.intervalMilliseconds);
      this.#arm(scheduled, firstAt, firstAt);
    }
  }

  #gapOf(intervalMilliseconds: number): number {
    return Math.min(longestFirstGapMilliseconds, intervalMilliseconds / this.#count);
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** @param beatAt the moment without jitter, from which the next one is counted, so that jitter does not add up */
  #arm(scheduled: Scheduled<Subject>, beatAt: number, dueAt: number): void {
    const timer = setTimeout(
      () => {
        const now = performance.now();
        const { intervalMilliseconds } = scheduled;
        this.#instruments.lagged(Math.max(0, now - dueAt) / 1000);
        if (now - dueAt > intervalMilliseconds) {
          // The process slept or was blocked, and now everything is due at once: begin anew, as at the start.
          const restartAt =
            now + this.#random() * Math.min(this.#gapOf(intervalMilliseconds) * this.#count, intervalMilliseconds);
          this.#arm(scheduled, restartAt, restartAt);
          return;
        }
        const nextBeatAt = beatAt + intervalMilliseconds;
        const moved = (this.#random() * 2 - 1) * jitter * intervalMilliseconds;
        this.#arm(scheduled, nextBeatAt, Math.max(now, nextBeatAt + moved));
        this.#due(scheduled.subject);
      },
      Math.max(0, dueAt - performance.now()),
    );
    this.#timers.set(scheduled, timer);
  }
}
