import { ServiceReturnedUnexpectedResult, ServiceUnavailable } from "../../../health/errors.ts";
import type { PhaseName } from "../../../net/phase.ts";
import { MalformedAnswerError } from "./malformed-answer-error.ts";

/**
 * Gives an error of a connection, or of the answer on it, a reason and a message where it says more than a system error.
 * @param phase how far the exchange had come
 * @returns the error itself when it is one of the others
 */
export function exchangeError(error: Error, phase: PhaseName | undefined): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof MalformedAnswerError) {
    const what = code === "HPE_HEADER_OVERFLOW" ? tooLong : "the answer is not valid HTTP";
    return new ServiceReturnedUnexpectedResult(`${what}: ${error.message}`, { cause: error });
  }
  if (code === "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED") {
    return new ServiceUnavailable("the server asks for a client certificate", { reason: "tls", cause: error });
  }
  if (code === "ECONNRESET") {
    const during = phase === undefined ? undefined : closedDuring[phase];
    if (during !== undefined) return new ServiceUnavailable(during, { reason: "connection_reset", cause: error });
  }
  return error;
}

const tooLong = "the headers of the answer are too long (maxHeaderSize)";

const closedDuring: Partial<Record<PhaseName, string>> = {
  tls: "connection closed in the middle of the TLS handshake",
  "first byte": "connection closed before an answer came",
  transfer: "connection closed in the middle of the answer",
};
