import type { EngineInstruments } from "../telemetry/engine-instruments.ts";

/** Something that is due again and again. */
interface Scheduled<Subject> {
  readonly subject: Subject;
  readonly intervalMilliseconds: number;
}

/** The first runs of few checks come quickly after one another, those of many are spread over their interval. */
const longestFirstGapMilliseconds = 100;

/** Each run is moved by at most this share of the interval, so that checks with one interval do not march in step. */
const jitter = 0.05;

/** A run that is late by more than this share of its interval, and by more than busy machines are, is so because of a block. */
const noticeableShare = 0.05;
const noticeableMilliseconds = 200;

/** After it, the next run comes later by at most this share: its result is then still not too old to be trusted. */
const dispersion = 0.35;

/** Says when something is due: once at the beginning, then at every interval. */
export class Scheduler<Subject> {
  readonly #timers = new Map<Subject, NodeJS.Timeout>();
  readonly #due: (subject: Subject) => void;
  readonly #instruments: EngineInstruments;
  readonly #random: () => number;

  /** @param due is called for each that is due, and must not throw */
  constructor(due: (subject: Subject) => void, instruments: EngineInstruments, random: () => number = Math.random) {
    this.#due = due;
    this.#instruments = instruments;
    this.#random = random;
  }

  /** Adds subjects, each of which is due soon, one after the other, and from then on at its interval. */
  add(subjects: readonly Scheduled<Subject>[]): void {
    const now = performance.now();
    for (const [index, scheduled] of subjects.entries()) {
      const gap = Math.min(longestFirstGapMilliseconds, scheduled.intervalMilliseconds / subjects.length);
      this.#arm(scheduled, now + index * gap, now + index * gap);
    }
  }

  remove(subject: Subject): void {
    clearTimeout(this.#timers.get(subject));
    this.#timers.delete(subject);
  }

  /** Removes all. */
  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /**
   * @param beatAt the moment without jitter, from which the next one is counted, so that jitter does not add up
   * @param isDeferred whether it was due before, and is not to be put off again
   */
  #arm(scheduled: Scheduled<Subject>, beatAt: number, dueAt: number, isDeferred = false): void {
    const { subject, intervalMilliseconds } = scheduled;
    const timer = setTimeout(
      () => {
        const now = performance.now();
        this.#instruments.lagged(Math.max(0, now - dueAt) / 1000);
        const late = now - dueAt;
        if (late > intervalMilliseconds) {
          this.#restart(scheduled, now);
          return;
        }
        if (late > Math.max(noticeableMilliseconds, noticeableShare * intervalMilliseconds) && !isDeferred) {
          // The process was blocked: what was due meanwhile follows one after the other, twice as quickly as usual. The turns
          // after that are a little later, so that nothing runs twice to make up for it, and that many blocks drive
          // nothing together.
          const followsAt = now + late / 2;
          this.#arm(scheduled, followsAt + this.#random() * dispersion * intervalMilliseconds, followsAt, true);
          return;
        }
        const nextBeatAt = beatAt + intervalMilliseconds;
        const moved = (this.#random() * 2 - 1) * jitter * intervalMilliseconds;
        this.#arm(scheduled, nextBeatAt, Math.max(now, nextBeatAt + moved));
        this.#due(subject);
      },
      Math.max(0, dueAt - performance.now()),
    );
    this.#timers.set(subject, timer);
  }

  /** The process slept or was blocked, and now everything is due at once: begins anew, as spread as at the start. */
  #restart(scheduled: Scheduled<Subject>, now: number): void {
    const spread = Math.min(longestFirstGapMilliseconds * this.#timers.size, scheduled.intervalMilliseconds);
    const restartAt = now + this.#random() * spread;
    this.#arm(scheduled, restartAt, restartAt);
  }
}
