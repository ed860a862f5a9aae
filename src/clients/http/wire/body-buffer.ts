const none = Buffer.alloc(0);
const smallest = 256;

/** Takes up a body piece by piece, however small the pieces are, without taking up every byte again for each of them. */
export class BodyBuffer {
  #bytes = none;
  #length = 0;

  /** What was taken up. */
  get content(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Copies a piece: its own memory is used again for the next one. */
  append(piece: Buffer, from: number, to: number): void {
    const length = this.#length + to - from;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#length, smallest));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    piece.copy(this.#bytes, this.#length, from, to);
    this.#length = length;
  }
}
