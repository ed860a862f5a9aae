import { MalformedAnswerError } from "./malformed-answer-error.ts";
import type { OverheadBudget } from "./overhead-budget.ts";
import { carriageReturn, endOfFieldValue, hexadecimalDigit, lineFeed, semicolon, space, tab } from "./syntax.ts";

/** What the next byte belongs to. */
type Place =
  | "first digit"
  | "size"
  | "after size"
  | "extensions"
  | "size end"
  | "data"
  | "data end"
  | "data line end"
  | "trailers";

/**
 * Reads byte by byte what stands between the data of chunks (RFC 9112, section 7.1). Other clients take white space behind a
 * size and lines that end with a line feed alone, and so does this.
 */
export class ChunkParser {
  #place: Place = "first digit";
  #size = 0;
  readonly #overhead: OverheadBudget;

  /** @param overhead what all that is no body may have together */
  constructor(overhead: OverheadBudget) {
    this.#overhead = overhead;
  }

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
          if (hexadecimalDigit(bytes[at]) !== undefined) this.#readDigit(bytes[at]);
          else this.#readBehindSize(bytes[at]);
          break;
        case "after size":
          this.#readBehindSize(bytes[at]);
          break;
        case "extensions":
          at = this.#passOverExtensions(bytes, at, to);
          if (at === to) return at;
          break;
        case "size end":
          expectByte(bytes[at], lineFeed);
          this.#endSize();
          break;
        case "data end":
          if (bytes[at] !== lineFeed) expectByte(bytes[at], carriageReturn);
          this.#place = bytes[at] === lineFeed ? "first digit" : "data line end";
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

  #readBehindSize(byte: number | undefined): void {
    if (byte === lineFeed) this.#endSize();
    else if (byte === carriageReturn) this.#place = "size end";
    else if (byte === semicolon) this.#place = "extensions";
    else if (byte === space || byte === tab) this.#passOverSpace();
    else throw new MalformedAnswerError("HPE_INVALID_CHUNK_SIZE", "the size of a chunk is not a number");
  }

  #passOverSpace(): void {
    this.#overhead.take(1);
    this.#place = "after size";
  }

  #endSize(): void {
    this.#place = this.#size === 0 ? "trailers" : "data";
  }

  #readDigit(byte: number | undefined): void {
    const digit = hexadecimalDigit(byte);
    if (digit === undefined)
      throw new MalformedAnswerError("HPE_INVALID_CHUNK_SIZE", "the size of a chunk is not a number");
    if (this.#size === 0 && digit === 0) this.#overhead.take(1); // There may be any number of zeros.
    this.#size = 16 * this.#size + digit;
    if (!Number.isSafeInteger(this.#size)) {
      throw new MalformedAnswerError("HPE_INVALID_CHUNK_SIZE", "the size of a chunk is too large");
    }
  }

  /** They are ignored, as all unknown extensions are (RFC 9112, section 7.1.1). */
  #passOverExtensions(bytes: Buffer, from: number, to: number): number {
    const end = endOfFieldValue(bytes, from, to);
    this.#overhead.take(end - from);
    if (end === to) return to;
    if (bytes[end] === lineFeed) {
      this.#endSize();
      return end;
    }
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
