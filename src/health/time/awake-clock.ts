/** Ticks that are further apart than this show a block: timers are never quite on time, especially on a busy machine. */
const minBlockMilliseconds = 400;

/**
 * A monotonic clock that stands still while this process is suspended or blocked: what should have come in meanwhile could
 * not be taken. It learns this from its ticks; while nothing ticks, it is the monotonic clock.
 */
export class AwakeClock {
  #lostMilliseconds = 0;
  #tickedAt = 0;
  #tickers = 0;

  /**
   * Milliseconds since some moment. Once a block shows, the clock goes back to the last tick, because it is not known how much
   * later the block began.
   */
  now(): number {
    const now = performance.now();
    return now - this.#lostMilliseconds - this.#blockedUntil(now);
  }

  /** The caller will call {@link tick} several times a second from now on. Several callers may: the same block counts once. */
  beginTicks(): void {
    if (this.#tickers === 0) this.#tickedAt = performance.now();
    this.#tickers += 1;
  }

  tick(): void {
    const now = performance.now();
    this.#lostMilliseconds += this.#blockedUntil(now);
    this.#tickedAt = now;
  }

  /** One of the callers stops ticking. */
  endTicks(): void {
    this.tick();
    this.#tickers -= 1;
  }

  #blockedUntil(now: number): number {
    const milliseconds = now - this.#tickedAt;
    return this.#tickers > 0 && milliseconds > minBlockMilliseconds ? milliseconds : 0;
  }
}

/** The one of this process. */
export const awakeClock = new AwakeClock();
