/** How the one who asks first does it. */
export interface Asking<Answer> {
  readonly answer: Promise<Answer>;
  /** Is told when who asked first does not wait for it any longer, and others do. */
  readonly handOver: (reason: unknown) => void;
}

/** A question for whose answer several wait. It is withdrawn when the last of them no longer does. */
export class SharedQuestion<Answer> {
  readonly #withdrawal = new AbortController();
  readonly #asking: Asking<Answer>;
  #waiting = 0;
  #first = true;

  /** @param ask is called once, in the context of who asks first */
  constructor(ask: (signal: AbortSignal) => Asking<Answer>) {
    this.#asking = ask(this.#withdrawal.signal);
  }

  /** Whether nobody waits for it any longer. */
  get isWithdrawn(): boolean {
    return this.#withdrawal.signal.aborted;
  }

  /** @throws what the question failed with, or the signal's reason */
  wait(signal: AbortSignal): Promise<Answer> {
    const { answer, handOver } = this.#asking;
    const isFirst = this.#first;
    this.#first = false;
    this.#waiting += 1;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting -= 1;
        if (this.#waiting === 0) this.#withdrawal.abort(signal.reason);
        else if (isFirst) handOver(signal.reason);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
    });
  }
}
