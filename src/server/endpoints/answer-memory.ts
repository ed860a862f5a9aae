/** Who keeps answers. */
interface Keeper {
  /** Lets go of all of them. */
  forget(): void;
}

/** How many bytes the bodies that are kept may have together, besides those of the keeper that was given one last. */
const defaultMaxBytes = 64 * 1024 * 1024;

/** Bounds what all endpoints and checks keep of their answers together: who has made none for longest forgets them first. */
export class AnswerMemory {
  readonly #maxBytes: number;
  /** In the order in which they were given their last one. */
  readonly #bytesByKeeper = new Map<Keeper, number>();
  #bytes = 0;

  constructor(maxBytes = defaultMaxBytes) {
    this.#maxBytes = maxBytes;
  }

  /** What all of them have together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts one more answer of a keeper. */
  keep(keeper: Keeper, bytes: number): void {
    const before = this.#bytesByKeeper.get(keeper) ?? 0;
    this.#bytesByKeeper.delete(keeper);
    this.#bytesByKeeper.set(keeper, before + bytes);
    this.#bytes += bytes;
    for (const other of this.#bytesByKeeper.keys()) {
      if (this.#bytes <= this.#maxBytes || other === keeper) return;
      this.release(other);
      other.forget();
    }
  }

  /** A keeper has let go of all of its answers. */
  release(keeper: Keeper): void {
    this.#bytes -= this.#bytesByKeeper.get(keeper) ?? 0;
    this.#bytesByKeeper.delete(keeper);
  }
}
