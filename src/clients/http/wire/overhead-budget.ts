import { MalformedAnswerError } from "./malformed-answer-error.ts";

/**
 * What an answer may have besides its body, in bytes: heads, those of interim answers too, empty lines before them, what stands
 * around the data of chunks, trailers. Without a limit on all of it together, a server could send such things for ever.
 */
export class OverheadBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** @throws MalformedAnswerError when there are not as many left */
  take(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw new MalformedAnswerError("HPE_HEADER_OVERFLOW", "there is too much besides the body");
  }
}
