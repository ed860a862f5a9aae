/** Lets at most so many in at once; the others wait in the order in which they came. */
export class Turnstile {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Calls `admitted` at once or when somebody leaves. */
  enter(admitted: () => void): void {
    if (this.#inside < this.#limit) {
      this.#inside += 1;
      admitted();
    } else {
      this.#waiting.push(admitted);
    }
  }

  /** To be called once for each that was admitted. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inside -= 1;
    else next();
  }
}
