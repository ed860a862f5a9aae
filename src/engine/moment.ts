/** A moment on both clocks: the one for what is shown and stored, the other for how much time has passed. */
export interface Moment {
  /** Milliseconds since the epoch. It may jump: somebody can set that clock. */
  readonly wallAt: number;
  /** Milliseconds since the process started. It never goes back. */
  readonly monotonicAt: number;
}

/** Reads both clocks. The pure parts of the engine are given moments and never call it. */
export function presentMoment(): Moment {
  return { wallAt: Date.now(), monotonicAt: performance.now() };
}
