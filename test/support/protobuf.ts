/** A protobuf message whose fields are asked for by number (protobuf.dev, "Encoding"). */
export class Message {
  /** Numbers of variable length as they are; everything else as its bytes. */
  readonly #fields = new Map<number, (bigint | Buffer)[]>();

  constructor(bytes: Buffer) {
    let at = 0;
    const varint = (): bigint => {
      let value = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = bytes.readUInt8(at++);
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    };
    const take = (length: number): Buffer => {
      if (at + length > bytes.length) throw new Error(`the message ends within a field, at byte ${at}`);
      at += length;
      return bytes.subarray(at - length, at);
    };
    while (at < bytes.length) {
      const tag = Number(varint());
      const wireType = tag & 7;
      let value: bigint | Buffer;
      if (wireType === 0) value = varint();
      else if (wireType === 1) value = take(8);
      else if (wireType === 2) value = take(Number(varint()));
      else if (wireType === 5) value = take(4);
      else throw new Error(`a field has the wire type ${wireType}, which does not exist any more`);
      const values = this.#fields.get(tag >> 3);
      if (values === undefined) this.#fields.set(tag >> 3, [value]);
      else values.push(value);
    }
  }

  has(field: number): boolean {
    return this.#fields.has(field);
  }

  messages(field: number): Message[] {
    return (this.#fields.get(field) ?? []).map((value) => new Message(asBytes(value)));
  }

  /** The message in a field; an empty one when it is absent. */
  message(field: number): Message {
    return this.messages(field)[0] ?? new Message(Buffer.alloc(0));
  }

  text(field: number): string {
    return this.#bytes(field).toString("utf8");
  }

  hex(field: number): string {
    return this.#bytes(field).toString("hex");
  }

  /** An integer of variable length, such as an enumeration's value. */
  integer(field: number): number {
    const value = this.#fields.get(field)?.at(-1) ?? 0n;
    if (typeof value !== "bigint") throw new Error(`field ${field} is no integer`);
    return Number(BigInt.asIntN(64, value));
  }

  double(field: number): number {
    return this.doubles(field)[0] ?? 0;
  }

  doubles(field: number): number[] {
    return eights(this.#bytes(field)).map((bytes) => bytes.readDoubleLE());
  }

  /** An integer of eight bytes, such as a time. */
  fixed(field: number): bigint {
    return this.fixeds(field)[0] ?? 0n;
  }

  fixeds(field: number): bigint[] {
    return eights(this.#bytes(field)).map((bytes) => bytes.readBigInt64LE());
  }

  /** All of a field's values one after the other: what is packed and what is repeated reads the same. */
  #bytes(field: number): Buffer {
    return Buffer.concat((this.#fields.get(field) ?? []).map(asBytes));
  }
}

function asBytes(value: bigint | Buffer): Buffer {
  if (typeof value === "bigint") throw new Error("expected bytes, found an integer");
  return value;
}

function eights(bytes: Buffer): Buffer[] {
  return Array.from({ length: bytes.length / 8 }, (_, index) => bytes.subarray(index * 8, index * 8 + 8));
}
