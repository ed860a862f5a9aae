import type { HistoryState } from "../../health/history/history.ts";
import { type State, states } from "../../health/state.ts";
import { durationCells } from "./durations.ts";
import { addMeasured, type MeasuredByNumber } from "./measured.ts";

/** How history counts a moment, in the order in which it is stored. A new one may only be added at the end. */
export const historyStates = [...states, "maintenance"] as const satisfies readonly HistoryState[];

/** The number of a state in {@link historyStates}. */
export const numberOf = Object.fromEntries(historyStates.map((state, number) => [state, number])) as Readonly<
  Record<HistoryState, number>
>; // The loop went through all of them.

/** The number of `maintenance`, which is none that a check itself can be in. */
export const maintenanceNumber = historyStates.length - 1;

/** What one stretch of time held for a check, as it is counted. */
export interface Bucket {
  /** Whole milliseconds in each of {@link historyStates}. */
  readonly milliseconds: number[];
  runs: number;
  failures: number;
  /** How many runs fell into each cell of the durations' histogram. */
  readonly durations: number[];
  /** What its runs measured; absent when nothing was. */
  measured?: MeasuredByNumber;
}

export function emptyBucket(): Bucket {
  return {
    milliseconds: historyStates.map(() => 0),
    runs: 0,
    failures: 0,
    durations: new Array(durationCells).fill(0),
  };
}

export function isEmpty({ milliseconds, runs }: Bucket): boolean {
  return runs === 0 && milliseconds.every((one) => one === 0);
}

/**
 * Adds what another bucket held. Where a clock was set back, the same time may come twice: the time in a bucket never exceeds
 * its length.
 */
export function addTo(bucket: Bucket, other: Bucket, lengthMilliseconds: number): void {
  let room = lengthMilliseconds;
  for (const held of bucket.milliseconds) room -= held;
  for (const [state, held] of other.milliseconds.entries()) {
    const added = Math.max(0, Math.min(held, room));
    bucket.milliseconds[state] = (bucket.milliseconds[state] ?? 0) + added;
    room -= added;
  }
  bucket.runs += other.runs;
  bucket.failures += other.failures;
  for (const [cell, count] of other.durations.entries()) {
    if (count > 0) bucket.durations[cell] = (bucket.durations[cell] ?? 0) + count;
  }
  if (other.measured === undefined) return;
  bucket.measured ??= new Map();
  addMeasured(bucket.measured, other.measured);
}

/** How long a bucket was in a passing state, and in a state that is known, in milliseconds. */
export function availability({ milliseconds }: Pick<Bucket, "milliseconds">): { available: number; known: number } {
  const of = (state: State): number => milliseconds[numberOf[state]] ?? 0;
  const available = of("healthy") + of("degraded");
  return { available, known: available + of("unhealthy") };
}
