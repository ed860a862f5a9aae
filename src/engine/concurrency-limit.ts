/** Admits a limited number at once; the others wait in the order in which they came. */
export class ConcurrencyLimit {
  readonly #limit: number;
  /** A set, so that taking out the first takes the same time however many wait. */
  readonly #waiting = new Set<() => void>();
  #inside = 0;
  #admitting = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Calls `admitted` at once, or when another one leaves.
   * @param admitted must not throw; may leave before it returns
   */
  enter(admitted: () => void): void {
    if (this.#inside < this.#limit && !this.#admitting) {
      // Nearly always, and then nobody waits. What passes through a set outlives its use (see `Renewal`).
      this.#inside += 1;
      admitted();
      return;
    }
    // A set holds a function only once, and the same one may come twice.
    this.#waiting.add(() => admitted());
  }

  /** Must be called once for each one that was admitted. */
  leave(): void {
    this.#inside -= 1;
    this.#admit();
  }

  /** One that leaves at once lets this loop go on rather than start another: thousands in a row may do so. */
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
