import type { IncomingHttpHeaders } from "node:http";
import { addHeader, noHeaders } from "./answer-headers.ts";
import { BodyBuffer } from "./body-buffer.ts";
import { type BodyLength, bodyLength } from "./body-length.ts";
import { ChunkParser } from "./chunk-parser.ts";
import { HeadParser } from "./head-parser.ts";
import { MalformedAnswerError } from "./malformed-answer-error.ts";
import { OverheadBudget } from "./overhead-budget.ts";

/** What is done with the body of an answer: read and kept, read to its end and dropped, or not read. */
export type BodyUse = "keep" | "discard" | "ignore";

const noBody = Buffer.alloc(0);

/** Is asked when the head of the final answer has been read; interim answers before it are skipped. */
export interface BodyDecision {
  bodyUse(status: number, headers: IncomingHttpHeaders): BodyUse;
}

/** How much of an answer is read. */
export interface AnswerLimits {
  /** How many bytes of a body are read at most. */
  readonly maxBodySize: number;
  /** How many bytes there may be besides the body, the headers above all. */
  readonly maxHeaderSize: number;
}

/** What is being read. */
type Part = "head" | "body" | "chunks" | "trailers" | "nothing";

/**
 * Reads the answer to one request out of the bytes of a connection as they come (RFC 9112). It keeps none of them: their
 * memory can be used again once they have been read.
 */
export class AnswerParser {
  headers = noHeaders();
  /** Whether the body was longer than what was read of it. */
  truncated = false;
  readonly #method: string;
  readonly #maxBodySize: number;
  readonly #decision: BodyDecision;
  readonly #overhead: OverheadBudget;
  readonly #head: HeadParser;
  #part: Part = "head";
  #length: BodyLength = 0;
  #chunks: ChunkParser | undefined;
  #size = 0;
  #body: BodyBuffer | undefined;

  /**
   * @param method of the request: the answer to HEAD has no body
   */
  constructor(method: string, { maxBodySize, maxHeaderSize }: AnswerLimits, decision: BodyDecision) {
    this.#method = method;
    this.#maxBodySize = maxBodySize;
    this.#decision = decision;
    this.#overhead = new OverheadBudget(maxHeaderSize);
    this.#head = new HeadParser(this.#overhead);
  }

  get status(): number {
    return this.#head.status;
  }

  /** The version of HTTP: `1.1`. */
  get version(): string {
    return this.#head.version;
  }

  /** How many bytes of the body were read. */
  get bodySize(): number {
    return this.#size;
  }

  /** The body as sent; empty when it was not to be kept. */
  get body(): Buffer {
    return this.#body?.content ?? noBody;
  }

  /**
   * Reads the first `length` of these bytes. What follows the answer is ignored.
   * @returns whether the answer is complete
   * @throws MalformedAnswerError
   */
  read(bytes: Buffer, length: number): boolean {
    let at = 0;
    while (at < length && this.#part !== "nothing") {
      switch (this.#part) {
        case "head":
          at = this.#head.read(bytes, at, length, this);
          if (this.#head.isComplete) this.#headRead();
          break;
        case "body":
          at = this.#readBody(bytes, at, length);
          break;
        case "chunks":
          at = this.#readChunks(bytes, at, length);
          break;
        case "trailers":
          at = this.#head.read(bytes, at, length, this);
          if (this.#head.isComplete) this.#part = "nothing";
          break;
      }
    }
    return this.#part === "nothing";
  }

  /** @returns whether the answer is complete now that the server has closed the connection */
  end(): boolean {
    if (this.#part === "body" && this.#length === "until close") this.#part = "nothing";
    return this.#part === "nothing";
  }

  /** Called by the parser of the head. */
  field(name: string, value: string): void {
    if (this.#part === "head") addHeader(this.headers, name, value);
    else if (name.toLowerCase() === "content-length") {
      throw new MalformedAnswerError("HPE_INVALID_CONTENT_LENGTH", "Content-Length comes after the body");
    }
  }

  #headRead(): void {
    const { status } = this;
    this.#length = bodyLength(this.#method, status, this.headers);
    if (status >= 100 && status < 200 && status !== 101) {
      this.headers = noHeaders(); // RFC 9110, section 15.2: another answer follows.
      this.#head.expectAnswer();
      return;
    }
    const use = this.#decision.bodyUse(status, this.headers);
    // RFC 9110, section 15.2.2: what follows the answer 101 is another protocol.
    if (use === "ignore" || status === 101) this.#truncate();
    else if (this.#length === 0) this.#part = "nothing";
    else this.#part = this.#length === "chunked" ? "chunks" : "body";
    if (use === "keep") this.#body = new BodyBuffer();
    if (this.#part === "chunks") this.#chunks = new ChunkParser(this.#overhead);
  }

  #readBody(bytes: Buffer, from: number, end: number): number {
    if (typeof this.#length !== "number") return this.#take(bytes, from, end);
    const to = this.#take(bytes, from, Math.min(end, from + this.#length));
    this.#length -= to - from;
    if (this.#length === 0) this.#part = "nothing";
    return to;
  }

  #readChunks(bytes: Buffer, from: number, end: number): number {
    const chunks = this.#chunks;
    if (chunks === undefined) return end;
    if (chunks.dataLeft > 0) {
      const to = this.#take(bytes, from, Math.min(end, from + chunks.dataLeft));
      chunks.dataRead(to - from);
      return to;
    }
    const to = chunks.read(bytes, from, end);
    if (chunks.isLast) {
      this.#head.expectTrailers();
      this.#part = "trailers";
    }
    return to;
  }

  /** Takes a piece of the body, or as much of it as the limit allows. */
  #take(bytes: Buffer, from: number, to: number): number {
    const left = this.#maxBodySize - this.#size;
    const end = Math.min(to, from + left);
    this.#body?.append(bytes, from, end);
    this.#size += end - from;
    if (end < to) this.#truncate();
    return to;
  }

  #truncate(): void {
    this.truncated = true;
    this.#part = "nothing";
  }
}
