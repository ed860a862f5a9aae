// The primitive types of Kafka's protocol, big-endian (Kafka protocol guide, "Protocol Primitive Types"). The versions that are
// spoken here have no compact types and no tagged fields.

/** Reads the values of an answer, one after the other. */
export class KafkaReader {
  readonly #bytes: Buffer;
  readonly #foreign: () => Error;
  #offset = 0;

  /** @param foreign makes the error for bytes that are no such answer */
  constructor(bytes: Buffer, foreign: () => Error) {
    this.#bytes = bytes;
    this.#foreign = foreign;
  }

  boolean(): boolean {
    return this.#take(1).readInt8() !== 0;
  }

  int16(): number {
    return this.#take(2).readInt16BE();
  }

  int32(): number {
    return this.#take(4).readInt32BE();
  }

  /** As a number: an offset has far less than 53 bits. */
  int64(): number {
    return Number(this.#take(8).readBigInt64BE());
  }

  string(): string {
    return this.nullableString() ?? this.#refuse();
  }

  /** The name of a topic, which may be shown: it has no other characters. */
  topic(): string {
    const name = this.string();
    return /^[\w.-]{1,249}$/.test(name) ? name : this.#refuse();
  }

  nullableString(): string | undefined {
    const length = this.int16();
    return length === -1 ? undefined : this.#take(length).toString();
  }

  bytes(): Buffer {
    const length = this.int32();
    return length === -1 ? Buffer.alloc(0) : this.#take(length);
  }

  /** @param read takes at least a byte */
  array<Item>(read: (reader: KafkaReader) => Item): readonly Item[] {
    const count = this.int32();
    if (count === -1) return [];
    if (count < 0 || count > this.#bytes.length - this.#offset) return this.#refuse();
    return Array.from({ length: count }, () => read(this));
  }

  /** @throws what `foreign` makes, when there is more */
  expectEnd(): void {
    if (this.#offset !== this.#bytes.length) this.#refuse();
  }

  #take(length: number): Buffer {
    const from = this.#offset;
    if (length < 0 || length > this.#bytes.length - from) return this.#refuse();
    this.#offset += length;
    return this.#bytes.subarray(from, this.#offset);
  }

  #refuse(): never {
    throw this.#foreign();
  }
}

export function int8(value: number): Buffer {
  return Buffer.from([value]);
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

export function string(text: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(text)), Buffer.from(text)]);
}

export function bytes(content: Buffer): Buffer {
  return Buffer.concat([int32(content.length), content]);
}

/** @param items undefined for a null array */
export function array<Item>(items: readonly Item[] | undefined, write: (item: Item) => Buffer): Buffer {
  return items === undefined ? int32(-1) : Buffer.concat([int32(items.length), ...items.map(write)]);
}
