/** What can be spent at once after a time in which little was. */
const maxMilliseconds = 1_000;

/** What becomes free in each millisecond that passes. */
const share = 0.1;

/**
 * The time for answers to queries: however many different ones clients invent, making the answers takes a tenth of the time at
 * most, and what is asked for without a query is answered as ever.
 */
export class RenderAllowance {
  #milliseconds = maxMilliseconds;
  #countedAt = performance.now();

  /** Whether one more answer may be made. */
  get isLeft(): boolean {
    const now = performance.now();
    this.#milliseconds = Math.min(maxMilliseconds, this.#milliseconds + share * (now - this.#countedAt));
    this.#countedAt = now;
    return this.#milliseconds > 0;
  }

  spend(milliseconds: number): void {
    this.#milliseconds -= milliseconds;
  }
}
