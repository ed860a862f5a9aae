import { ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import { foreignProtocol } from "./postgres-error.ts";

/** What a message begins with: a byte that says what it is, and four for the length of themselves and of what follows. */
const headerBytes = 5;

/** The types of the messages that a server sends (PostgreSQL documentation, "Message Formats"). */
const types = new Set(Buffer.from("123ACDEGHIKNRSTVWZcdnstv"));

/** The answers to a check's questions are far shorter, and the client library keeps all of one in memory. */
const maxMebibytes = 1;

/**
 * Follows the messages in what a server sends. The client library waits for the rest of whatever it takes for a message,
 * however long that says it is.
 */
export class MessageFrames {
  readonly #header = Buffer.alloc(headerBytes);
  #headerBytes = 0;
  /** Of the present message, so much is still to come. */
  #rest = 0;
  /** So long the messages of the present answer are together. */
  #answerBytes = 0;

  /** Takes what comes next for the answer to another question. */
  begin(): void {
    this.#answerBytes = 0;
  }

  /**
   * Takes what came next.
   * @throws ServiceReturnedUnexpectedResult when it is no message of PostgreSQL's, or makes too long an answer
   */
  take(chunk: Buffer): void {
    for (let offset = 0; offset < chunk.length; ) {
      const skipped = Math.min(this.#rest, chunk.length - offset);
      this.#rest -= skipped;
      offset += skipped;
      const copied = chunk.copy(this.#header, this.#headerBytes, offset, offset + headerBytes - this.#headerBytes);
      this.#headerBytes += copied;
      offset += copied;
      if (this.#headerBytes > 0) this.#judge();
    }
  }

  #judge(): void {
    if (!types.has(this.#header[0] ?? 0)) throw foreignProtocol();
    if (this.#headerBytes < headerBytes) return;
    const length = this.#header.readUInt32BE(1);
    if (length < 4) throw foreignProtocol();
    this.#answerBytes += 1 + length;
    if (this.#answerBytes > maxMebibytes * 1024 ** 2) {
      throw new ServiceReturnedUnexpectedResult(`the answer is longer than ${maxMebibytes} MiB`);
    }
    this.#rest = length - 4;
    this.#headerBytes = 0;
  }
}
