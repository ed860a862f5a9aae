import { MalformedAnswerError } from "./malformed-answer-error.ts";
import { carriageReturn, endOfFieldValue, hexadecimalDigit, lineFeed, semicolon } from "./syntax.ts";

/** The limit on the extensions of one chunk, the same as in Node.js. */
const maxExtensionBytes = 16 * 1024;

/** What the next byte belongs to. */
type Place = "first digit" | "size" | "extensions" | "size end" | "data" | "data end" | "data line end" | "trailers";

/** Reads byte by byte what stands between the data of chunks (RFC 9112, section 7.1). */
export class ChunkParser {
  #place: Place = "first digit";
  #size = 0;
  #extensionBytes = 0;

  /** How many of the next bytes are data. */
  get dataLeft(): number {
    return this.#place === "data" ? this.#size : 0;
  }

  /** Whether the last chunk has been read, so that only trailers follow. */
  get isLast(): boolean {
    return this.#place === "trailers";
  }

  /** Must be called with the number of bytes of data that were read. */
  dataRead(length: number): void {
    this.#size -= length;
    if (this.#size === 0) this.#place = "data end";
  }

  /**
   * @returns where data or trailers begin; `to` when that is not reached yet
   * @throws MalformedAnswerError
   */
  read(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to) {
      switch (this.#place) {
        case "first digit":
          this.#readDigit(bytes[at]);
          this.#place = "size";
          break;
        case "size":
          if (bytes[at] === carriageReturn) this.#place = "size end";
          else if (bytes[at] === semicolon) this.#place = "extensions";
          else this.#readDigit(bytes[at]);
          break;
        case "extensions":
          at = this.#passOverExtensions(bytes, at, to);
          if (at === to) return at;
          break;
        case "size end":
          expectByte(bytes[at], lineFeed);
          this.#extensionBytes = 0;
          this.#place = this.#size === 0 ? "trailers" : "data";
          break;
        case "data end":
          expectByte(bytes[at], carriageReturn);
          this.#place = "data line end";
          break;
        case "data line end":
          expectByte(bytes[at], lineFeed);
          this.#place = "first digit";
          break;
        case "data":
        case "trailers":
          return at;
      }
      at += 1;
    }
    return at;
  }

  #readDigit(byte: number | undefined): void {
    const digit = hexadecimalDigit(byte);
    if (digit === undefined)
      throw new MalformedAnswerError("HPE_INVALID_CHUNK_SIZE", "the size of a chunk is not a number");
    this.#size = 16 * this.#size + digit;
    if (!Number.isSafeInteger(this.#size)) {
      throw new MalformedAnswerError("HPE_INVALID_CHUNK_SIZE", "the size of a chunk is too large");
    }
  }

  /** They are ignored, as all unknown extensions are (RFC 9112, section 7.1.1). */
  #passOverExtensions(bytes: Buffer, from: number, to: number): number {
    const end = endOfFieldValue(bytes, from, to);
    this.#extensionBytes += end - from;
    if (this.#extensionBytes > maxExtensionBytes) {
      throw new MalformedAnswerError("HPE_CHUNK_EXTENSIONS_OVERFLOW", "the extensions of a chunk are too long");
    }
    if (end === to) return to;
    expectByte(bytes[end], carriageReturn);
    this.#place = "size end";
    return end;
  }
}

function expectByte(found: number | undefined, expected: typeof carriageReturn | typeof lineFeed): void {
  if (found === expected) return;
  const code = expected === lineFeed ? "HPE_LF_EXPECTED" : "HPE_CR_EXPECTED";
  throw new MalformedAnswerError(code, "a chunk does not end where it should");
}
