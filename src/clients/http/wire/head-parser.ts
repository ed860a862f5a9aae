import { MalformedAnswerError } from "./malformed-answer-error.ts";
import type { OverheadBudget } from "./overhead-budget.ts";
import {
  carriageReturn,
  colon,
  decimalDigit,
  dot,
  endOfFieldValue,
  endOfToken,
  lineFeed,
  space,
  tab,
} from "./syntax.ts";

/** Receives each field of a head, in order. */
export interface FieldListener {
  /** @param name as written; the value is without white space around it */
  field(name: string, value: string): void;
}

const maxFields = 2000;

const protocol = "HTTP/";
/** 0.9, 1.0, 1.1 and 2.0: all that a server can mean when it answers an HTTP/1.1 request. */
const versions = [9, 10, 11, 20];

/** What the next byte belongs to. */
type Place =
  | "status line"
  | "reason"
  | "line end"
  | "line"
  | "name"
  | "before value"
  | "value"
  | "after value"
  | "last line end"
  | "end";

/**
 * Reads the head of an answer, or the fields after its last chunk, byte by byte: how the bytes are split into packets makes
 * no difference, and the first wrong byte is refused (RFC 9112, sections 4 and 5). What browsers take is taken where it cannot
 * be misunderstood: a value that goes on in the next line (section 5.2), and lines that end with a line feed alone (section 2.2).
 * Nobody else reads the answer, and it is the only one on its connection.
 */
export class HeadParser {
  /** The status code, when the head has been read. */
  status = 0;
  /** The version of HTTP, such as `1.1`, when the status line has been read. */
  version = "";
  #place: Place = "status line";
  /** How many bytes of the status line have been read. */
  #column = 0;
  #version = 0;
  readonly #overhead: OverheadBudget;
  #fields = 0;
  #name = "";
  #value = "";

  /** @param overhead what all that is no body may have together */
  constructor(overhead: OverheadBudget) {
    this.#overhead = overhead;
  }

  /** Whether the empty line that ends the head has been read. */
  get isComplete(): boolean {
    return this.#place === "end";
  }

  /** Begins with the next head of the connection. */
  expectAnswer(): void {
    this.#begin("status line");
  }

  /** Begins with fields that follow no status line (RFC 9112, section 7.1.2). */
  expectTrailers(): void {
    this.#begin("line");
  }

  /**
   * @returns where the head ends; `to` when there may be more of it
   * @throws MalformedAnswerError
   */
  read(bytes: Buffer, from: number, to: number, listener: FieldListener): number {
    let at = from;
    while (at < to) {
      switch (this.#place) {
        case "status line":
          this.#readStatusLine(bytes[at]);
          at += 1;
          break;
        case "reason":
          at = this.#readReason(bytes, at, to);
          break;
        case "line end":
          expectLineFeed(bytes[at]);
          this.#place = this.#name === "" ? "line" : "after value";
          at += 1;
          break;
        case "line":
          this.#place = isLineEnd(bytes[at]) ? "last line end" : "name";
          if (bytes[at] === carriageReturn) at += 1;
          break;
        case "name":
          at = this.#readName(bytes, at, to);
          break;
        case "before value":
          if (bytes[at] === space || bytes[at] === tab) at = this.#count(at, at + 1);
          else this.#place = "value";
          break;
        case "value":
          at = this.#readValue(bytes, at, to);
          break;
        case "after value":
          // White space goes on with the value, and what divides the lines counts as one space (RFC 9112, section 5.2).
          if (bytes[at] === space || bytes[at] === tab) {
            if (this.#value !== "") this.#value += " ";
            this.#place = "before value";
          } else {
            this.#endField(listener);
          }
          break;
        case "last line end":
          expectLineFeed(bytes[at]);
          this.#place = "end";
          return at + 1;
        case "end":
          return at;
      }
    }
    return at;
  }

  #begin(place: Place): void {
    this.#place = place;
    this.#column = 0;
    this.#version = 0;
    this.#fields = 0;
    this.#name = "";
    this.#value = "";
    if (place === "status line") this.status = 0;
  }

  #readStatusLine(byte: number | undefined): void {
    const column = this.#column;
    // Some servers send an extra empty line before it.
    this.#overhead.take(1);
    if (column === 0 && isLineEnd(byte)) return;
    this.#column += 1;
    if (column < protocol.length) {
      if (byte !== protocol.charCodeAt(column)) {
        throw new MalformedAnswerError("HPE_INVALID_CONSTANT", "the answer does not begin with HTTP/");
      }
    } else if (column < 9) {
      this.#readVersion(column - protocol.length, byte);
    } else if (column < 12) {
      const digit = decimalDigit(byte);
      if (digit === undefined) throw new MalformedAnswerError("HPE_INVALID_STATUS", "the status is not a number");
      this.status = 10 * this.status + digit;
    } else if (isLineEnd(byte)) {
      this.#place = byte === lineFeed ? "line" : "line end";
    } else if (byte === space) {
      this.#place = "reason";
    } else {
      throw new MalformedAnswerError("HPE_INVALID_STATUS", "the status has more than three digits");
    }
  }

  #readVersion(column: number, byte: number | undefined): void {
    const digit = decimalDigit(byte);
    if (column === 0 && digit !== undefined) this.#version = 10 * digit;
    else if (column === 1 && byte === dot) return;
    else if (column === 2 && digit !== undefined && versions.includes(this.#version + digit)) {
      this.version = `${this.#version / 10}.${digit}`;
    } else if (column !== 3 || byte !== space) {
      throw new MalformedAnswerError("HPE_INVALID_VERSION", "the version of HTTP is unknown");
    }
  }

  /** The reason is ignored (RFC 9112, section 4). */
  #readReason(bytes: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at += 1) {
      if (!isLineEnd(bytes[at])) continue;
      this.#place = bytes[at] === lineFeed ? "line" : "line end";
      return this.#count(from, at) + 1;
    }
    return this.#count(from, to);
  }

  #readName(bytes: Buffer, from: number, to: number): number {
    const end = this.#count(from, endOfToken(bytes, from, to));
    this.#name += bytes.toString("latin1", from, end);
    if (end === to) return end;
    // No white space before the colon (section 5.1), nor in front of the first field.
    if (bytes[end] !== colon || this.#name === "") {
      throw new MalformedAnswerError(
        "HPE_INVALID_HEADER_TOKEN",
        "the name of a field is empty or has a character that is not allowed",
      );
    }
    this.#place = "before value";
    return end + 1;
  }

  #readValue(bytes: Buffer, from: number, to: number): number {
    const end = this.#count(from, endOfFieldValue(bytes, from, to));
    this.#value += bytes.toString("latin1", from, end);
    if (end === to) return end;
    if (!isLineEnd(bytes[end])) {
      throw new MalformedAnswerError("HPE_INVALID_HEADER_TOKEN", "the value of a field has a control character");
    }
    this.#place = bytes[end] === lineFeed ? "after value" : "line end";
    return end + 1;
  }

  #endField(listener: FieldListener): void {
    this.#fields += 1;
    if (this.#fields > maxFields) throw new MalformedAnswerError("HPE_HEADER_OVERFLOW", "there are too many fields");
    listener.field(this.#name, withoutWhiteSpaceAfter(this.#value));
    this.#name = "";
    this.#value = "";
    this.#place = "line";
  }

  /** Counts the bytes from one place to another, and returns the latter. */
  #count(from: number, to: number): number {
    this.#overhead.take(to - from);
    return to;
  }
}

/** A carriage return is valid only at the end of a line (RFC 9112, section 2.2). */
function expectLineFeed(byte: number | undefined): void {
  if (byte !== lineFeed)
    throw new MalformedAnswerError("HPE_LF_EXPECTED", "a carriage return is not the end of a line");
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === carriageReturn || byte === lineFeed;
}

function withoutWhiteSpaceAfter(value: string): string {
  let end = value.length;
  while (end > 0 && (value.charCodeAt(end - 1) === space || value.charCodeAt(end - 1) === tab)) end -= 1;
  return value.slice(0, end);
}
