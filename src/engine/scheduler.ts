import type { EngineInstruments } from "../telemetry/metrics/engine-instruments.ts";
import { nextTurn } from "./sharing/place.ts";

/** Something that is due at an interval. */
interface Scheduled<Subject> {
  readonly subject: Subject;
  readonly intervalMilliseconds: number;
  /** When it is due first, on the monotonic clock. Default: soon, in the order of the subjects. */
  readonly firstAt?: number;
  /** Where in the interval it is due, from 0 to 1, by the wall clock. Default: one interval after its first turn, with jitter. */
  readonly place?: number;
}

/** The first runs of few checks follow each other quickly; those of many are spread over their interval. */
const maxFirstGapMilliseconds = 100;

/** Each run is moved by at most this share of the interval, so that checks with the same interval do not run in step. */
const jitter = 0.05;

/** What is late by more than this share of its interval, and by more than is usual on a busy machine, was blocked. */
const noticeableShare = 0.01;
const noticeableMilliseconds = 100;

/** In intervals: a regular turn that follows a deferred one sooner than this is left out. */
const nearestAfterDeferral = 0.65;

/** In intervals: the latest turn after a deferred one, while its result is still trusted. */
const farthestAfterDeferral = 1.4;

/** Calls when something is due: once at the beginning, then at every interval. */
export class Scheduler<Subject> {
  readonly #timers = new Map<Subject, NodeJS.Timeout>();
  readonly #due: (subject: Subject) => void;
  readonly #instruments: EngineInstruments;
  readonly #random: () => number;

  /** @param due is called for each subject that is due, and must not throw */
  constructor(due: (subject: Subject) => void, instruments: EngineInstruments, random: () => number = Math.random) {
    this.#due = due;
    this.#instruments = instruments;
    this.#random = random;
  }

  /** Adds subjects. Each is due soon, in their order, and from then on at its interval. */
  add(subjects: readonly Scheduled<Subject>[]): void {
    const now = performance.now();
    for (const [index, scheduled] of subjects.entries()) {
      const gap = Math.min(maxFirstGapMilliseconds, scheduled.intervalMilliseconds / subjects.length);
      const { firstAt = now + index * gap } = scheduled;
      this.#arm(scheduled, firstAt, firstAt);
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
   * @param beatAt the moment without jitter, from which the next one is counted, so that jitter does not accumulate
   * @param isDeferred whether it has been deferred already, and must not be deferred again
   */
  #arm(scheduled: Scheduled<Subject>, beatAt: number, dueAt: number, isDeferred = false): void {
    const { subject, intervalMilliseconds } = scheduled;
    const timer = setTimeout(
      () => {
        const now = performance.now();
        const late = now - dueAt;
        this.#instruments.lagged(Math.max(0, late) / 1000);
        if (late > intervalMilliseconds) {
          this.#restart(scheduled, now);
        } else if (late > Math.max(noticeableMilliseconds, noticeableShare * intervalMilliseconds) && !isDeferred) {
          // The process was blocked: what was due meanwhile follows in turn, twice as fast as usual.
          this.#arm(scheduled, beatAt, now + late / 2, true);
        } else {
          this.#armNext(scheduled, beatAt, now, isDeferred);
          this.#due(subject);
        }
      },
      Math.max(0, dueAt - performance.now()),
    );
    this.#timers.set(subject, timer);
  }

  /**
   * Every subject keeps its place in the interval, even when it was deferred: otherwise a series of blocks would bunch what
   * was spread.
   */
  #armNext(scheduled: Scheduled<Subject>, beatAt: number, now: number, wasDeferred: boolean): void {
    const { intervalMilliseconds, place } = scheduled;
    if (place !== undefined) {
      const wallAt = Date.now();
      const placedAt = now + nextTurn(wallAt, intervalMilliseconds, place) - wallAt;
      this.#arm(scheduled, placedAt, placedAt);
      return;
    }
    const isTooNear = wasDeferred && beatAt + intervalMilliseconds < now + nearestAfterDeferral * intervalMilliseconds;
    const nextBeatAt = beatAt + (isTooNear ? 2 : 1) * intervalMilliseconds;
    const moved = nextBeatAt + (this.#random() * 2 - 1) * jitter * intervalMilliseconds;
    const latest = isTooNear ? now + farthestAfterDeferral * intervalMilliseconds : Number.POSITIVE_INFINITY;
    this.#arm(scheduled, nextBeatAt, Math.max(now, Math.min(moved, latest)));
  }

  /** The process slept or was blocked, and now everything is due at once: spreads it again, as at the start. */
  #restart(scheduled: Scheduled<Subject>, now: number): void {
    const spread = Math.min(maxFirstGapMilliseconds * this.#timers.size, scheduled.intervalMilliseconds);
    const restartAt = now + this.#random() * spread;
    this.#arm(scheduled, restartAt, restartAt);
  }
}
