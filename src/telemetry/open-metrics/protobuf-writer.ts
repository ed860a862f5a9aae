const firstCapacity = 16 * 1024;

/** Wire types (protobuf.dev, "Encoding"). */
const varintType = 0;
const doubleType = 1;
const bytesType = 2;

/** Writes the fields of protobuf messages one after the other. */
export class ProtobufWriter {
  #buffer = Buffer.allocUnsafe(firstCapacity);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A field of the types uint32, uint64, int64 and enumerations; not negative, and at most 2^53. */
  integer(field: number, value: number): void {
    this.#reserve(12);
    this.#varint((field << 3) | varintType);
    this.#varint(value);
  }

  /** A field of the types sint32 and sint64. */
  signed(field: number, value: number): void {
    this.integer(field, zigzag(value));
  }

  double(field: number, value: number): void {
    this.#reserve(11);
    this.#varint((field << 3) | doubleType);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  /** A field of bytes, or of a message that has been written already. */
  bytes(field: number, value: Uint8Array): void {
    this.begin(field, value.length);
    this.raw(value);
  }

  text(field: number, value: string): void {
    const length = Buffer.byteLength(value);
    this.begin(field, length);
    this.#reserve(length);
    this.#length += this.#buffer.write(value, this.#length);
  }

  /** A repeated field of the type sint64 in its packed form. */
  packedSigned(field: number, values: readonly number[]): void {
    this.begin(
      field,
      values.reduce((sum, value) => sum + varintLength(zigzag(value)), 0),
    );
    this.#reserve(10 * values.length);
    for (const value of values) this.#varint(zigzag(value));
  }

  /** Begins a field whose bytes are written next. */
  begin(field: number, length: number): void {
    this.#reserve(12);
    this.#varint((field << 3) | bytesType);
    this.#varint(length);
  }

  /** The length of the message that follows, as in a stream of messages. */
  delimiter(length: number): void {
    this.#reserve(10);
    this.#varint(length);
  }

  /** Bytes that are whole fields. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /** What was written since this was asked last; only until something else is written. */
  view(): Uint8Array {
    const written = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    return written;
  }

  /** The same, to keep. */
  take(): Buffer {
    return Buffer.from(this.view());
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

/** How many bytes a number takes. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length += 1;
  return length;
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
