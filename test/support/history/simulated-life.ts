import type { State } from "../../../src/health/state.ts";
import { EventBuffer } from "../../../src/store/thread/events.ts";
import type { Store } from "../../../src/store/thread/store.ts";

/** What a check does at a moment, in milliseconds since the epoch; undefined when Healthspan does not run. */
export type Script = (
  check: number,
  at: number,
) => { readonly state: State; readonly durationSeconds: number; readonly queue?: number } | undefined;

export interface Life {
  readonly checks: number;
  readonly from: number;
  readonly until: number;
  /** Between two runs of a check, in milliseconds. */
  readonly interval: number;
  readonly script: Script;
}

/** Lets a store live through a time, as a monitor would with these checks: each runs once an interval, all at once. */
export function live(store: Store, { checks, from, until, interval, script }: Life): void {
  const buffer = new EventBuffer(10_000_000);
  const told = Array.from({ length: checks }, (_, index) => ({ number: index + 1, name: nameOf(index), type: "http" }));
  const measures = [{ number: 1, name: "queue", unit: "{messages}" }];
  let untold = told;
  const flush = (): void => {
    const nothing = { incidents: [], memories: [], watched: undefined };
    store.flush({ kind: "flush", checks: untold, measures, events: buffer.take(), ...nothing });
    untold = [];
  };
  for (let at = from; at < until; at += interval) {
    let isRunning = false;
    for (let check = 0; check < checks; check += 1) {
      const found = script(check, at);
      if (found === undefined) continue;
      isRunning = true;
      const failed = found.state === "unhealthy" || found.state === "degraded";
      buffer.observed(check + 1, found.state, at, at + 1.5 * interval, {
        durationSeconds: found.durationSeconds,
        failed,
      });
      if (found.queue !== undefined) buffer.measured(check + 1, at, 1, found.queue);
    }
    if (isRunning) buffer.alive(at);
    if (at % 300_000 === 0) flush();
  }
  buffer.alive(until);
  flush();
}

export function nameOf(index: number): string {
  return `check ${index}`;
}

/** Numbers from 0 to 1 that look random and are the same each time (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
