/** Whoever watches the process ticks so often. */
export const tickMilliseconds = 50;

/** A tick that comes later than this after the one before shows a block: timers are never quite on time. */
const blockMilliseconds = 400;

/**
 * A monotonic clock that stands still while this process is suspended or blocked: what should have come in meanwhile could
 * not be taken. It knows so from whoever ticks; while nobody does, it is the monotonic clock.
 */
export class AwakeClock {
  #lostMilliseconds = 0;
  #tickedAt = 0;
  #tickers = 0;

  /**
   * Milliseconds since some moment. Once a block shows, the clock goes back to the last tick, because nobody knows how much
   * later the block began.
   */
  now(): number {
    const now = performance.now();
    return now - this.#lostMilliseconds - this.#blockedUntil(now);
  }

  /** Somebody calls {@link tick} every {@link tickMilliseconds} from now on. Several may: the same block counts once. */
  beginTicks(): void {
    if (this.#tickers === 0) this.#tickedAt = performance.now();
    this.#tickers += 1;
  }

  tick(): void {
    const now = performance.now();
    this.#lostMilliseconds += this.#blockedUntil(now);
    this.#tickedAt = now;
  }

  /** One of those who ticked does so no more. */
  endTicks(): void {
    this.tick();
    this.#tickers -= 1;
  }

  #blockedUntil(now: number): number {
    const milliseconds = now - this.#tickedAt;
    return this.#tickers > 0 && milliseconds > blockMilliseconds ? milliseconds : 0;
  }
}

/** The one of this process. */
export const awakeClock = new AwakeClock();
