const empty = Buffer.alloc(0);
const minCapacity = 256;

/** Collects a body piece by piece. Its memory doubles when it is full, so that small pieces do not copy everything each time. */
export class BodyBuffer {
  #bytes = empty;
  #length = 0;

  /** All that was appended. */
  get content(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Copies a piece, whose memory is used again for the next one. */
  append(piece: Buffer, from: number, to: number): void {
    const length = this.#length + to - from;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#length, minCapacity));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    piece.copy(this.#bytes, this.#length, from, to);
    this.#length = length;
  }
}
