/** Lets at most so many in at once; the others wait in the order in which they came. */
export class ConcurrencyLimit {
  readonly #limit: number;
  /** A set, so that the first of many is taken out as quickly as that of few. */
  readonly #waiting = new Set<() => void>();
  #inside = 0;
  #admitting = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Calls `admitted` at once or when somebody leaves.
   * @param admitted must not throw; may leave before it returns
   */
  enter(admitted: () => void): void {
    if (this.#waiting.size === 0 && this.#inside < this.#limit && !this.#admitting) {
      // Nearly always. What passes through a set outlives its use (see `Renewal`).
      this.#inside += 1;
      admitted();
      return;
    }
    // A set has a function only once, and somebody may come twice.
    this.#waiting.add(() => admitted());
    this.#admit();
  }

  /** To be called once for each that was admitted. */
  leave(): void {
    this.#inside -= 1;
    this.#admit();
  }

  /** Whoever leaves at once lets the loop go on rather than begin another: thousands may do so one after the other. */
  #admit(): void {
    if (this.#admitting) return;
    this.#admitting = true;
    try {
      for (const admitted of this.#waiting) {
        if (this.#inside >= this.#limit) return;
        this.#waiting.delete(admitted);
        this.#inside += 1;
        admitted();
      }
    } finally {
      this.#admitting = false;
    }
  }
}
