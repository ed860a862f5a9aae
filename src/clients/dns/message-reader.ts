/** What was received is no message of the DNS. */
export class MalformedMessageError extends Error {
  override readonly name = "MalformedMessageError";
}

/** The bytes of a name with the lengths of its labels and the final zero (RFC 1035, section 2.3.4). */
export const maxNameBytes = 255;
/** More labels than a name of that length can have. A pointer that leads to a pointer leads nowhere else. */
const maxPointers = 128;

/**
 * Reads a message, or a part of it, from its start to its end.
 *
 * Every method throws a MalformedMessageError when the bytes are not there, or are not what it reads.
 */
export class MessageReader {
  readonly #message: Buffer;
  readonly #end: number;
  #offset: number;

  /** @param message from its first byte: names point to places in it */
  constructor(message: Buffer, offset = 0, end = message.length) {
    this.#message = message;
    this.#offset = offset;
    this.#end = end;
  }

  /** The reader of the same from here on, for something that is read more than once. */
  again(): MessageReader {
    return new MessageReader(this.#message, this.#offset, this.#end);
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#end;
  }

  uint8(): number {
    return this.#message.readUInt8(this.#advance(1));
  }

  uint16(): number {
    return this.#message.readUInt16BE(this.#advance(2));
  }

  uint32(): number {
    return this.#message.readUInt32BE(this.#advance(4));
  }

  /** Bytes of any value; without a number, all that are left. They are the message's own. */
  bytes(count = this.#end - this.#offset): Buffer {
    const from = this.#advance(count);
    return this.#message.subarray(from, from + count);
  }

  /** A text with its length before it. */
  characterString(): string {
    return this.bytes(this.uint8()).toString();
  }

  /** The reader of the next part, of so many bytes, which this one then has behind it. */
  part(count: number): MessageReader {
    const from = this.#advance(count);
    return new MessageReader(this.#message, from, from + count);
  }

  /**
   * A name, which may end with a pointer to an earlier place (RFC 1035, section 4.1.4), as a zone file has it but for the final
   * dot: `shop.example`, or `.` for the root.
   */
  name(): string {
    const labels: string[] = [];
    let bytes = 1;
    let pointers = 0;
    let position = this.#offset;
    let next: number | undefined;
    for (let length = this.#byteAt(position); length > 0; length = this.#byteAt(position)) {
      if (length >= 0xc0) {
        next ??= position + 2;
        const target = (length & 0x3f) * 256 + this.#byteAt(position + 1);
        pointers += 1;
        if (target >= position || pointers > maxPointers) throw new MalformedMessageError("a name points in a circle");
        position = target;
        continue;
      }
      bytes += 1 + length;
      if (length > 0x3f || bytes > maxNameBytes) throw new MalformedMessageError("a name is too long");
      this.#byteAt(position + length);
      labels.push(labelText(this.#message.subarray(position + 1, position + 1 + length)));
      position += 1 + length;
    }
    this.#advance((next ?? position + 1) - this.#offset);
    return labels.length === 0 ? "." : labels.join(".");
  }

  #byteAt(position: number): number {
    const byte = this.#message[position];
    if (byte === undefined) throw new MalformedMessageError("the message ends within a name");
    return byte;
  }

  /** @returns the place of what is read now */
  #advance(bytes: number): number {
    const from = this.#offset;
    if (bytes > this.#end - from) throw new MalformedMessageError("the message ends too early");
    this.#offset = from + bytes;
    return from;
  }
}

/** Dots within a label, backslashes and what does not print are escaped (RFC 1035, section 5.1). */
function labelText(label: Buffer): string {
  return label
    .toString("latin1")
    .replaceAll(/[.\\]/g, String.raw`\$&`)
    .replaceAll(/[^!-~]/g, (character) => `\\${String(character.charCodeAt(0)).padStart(3, "0")}`);
}
