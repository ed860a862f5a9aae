import { ServiceReturnedUnexpectedResult } from "../health/errors.ts";
import { printBytes } from "../host/print-bytes.ts";

/** Makes the error for an answer of more bytes than a check is willing to read. */
export function answerTooLong(maxBytes: number): ServiceReturnedUnexpectedResult {
  return new ServiceReturnedUnexpectedResult(`the answer is longer than ${printBytes(maxBytes)}`);
}
