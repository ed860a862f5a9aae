/** What is wrong with an answer, as Node.js's own parser names it. */
export type MalformedAnswerCode =
  | "HPE_CR_EXPECTED"
  | "HPE_HEADER_OVERFLOW"
  | "HPE_INVALID_CHUNK_SIZE"
  | "HPE_INVALID_CONSTANT"
  | "HPE_INVALID_CONTENT_LENGTH"
  | "HPE_INVALID_HEADER_TOKEN"
  | "HPE_INVALID_STATUS"
  | "HPE_INVALID_TRANSFER_ENCODING"
  | "HPE_INVALID_VERSION"
  | "HPE_LF_EXPECTED"
  | "HPE_UNEXPECTED_CONTENT_LENGTH";

/** What a server sent is not valid HTTP. */
export class MalformedAnswerError extends Error {
  override readonly name = "MalformedAnswerError";
  readonly code: MalformedAnswerCode;

  /** @param problem repeats nothing of the answer, which may hold anything */
  constructor(code: MalformedAnswerCode, problem: string) {
    super(problem);
    this.code = code;
  }
}
