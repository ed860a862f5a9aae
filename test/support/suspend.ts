/** Moves the monotonic clock on without letting any timer fire, as when the process is suspended; until timers are real again. */
export function suspend(milliseconds: number): void {
  const { now } = performance;
  performance.now = () => now.call(performance) + milliseconds;
}
