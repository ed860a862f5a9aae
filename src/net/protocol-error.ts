import { ServiceReturnedUnexpectedResult, ServiceUnavailable } from "../health/errors.ts";
import { printBytes } from "../host/print-bytes.ts";

/**
 * What came is nothing that a server of the protocol would send. Nothing of it is repeated, it may be anything.
 * @param protocol as people call it: `SSH`
 */
export function foreignProtocol(protocol: string, cause?: unknown): ServiceReturnedUnexpectedResult {
  return new ServiceReturnedUnexpectedResult(`the server does not speak the protocol of ${protocol}`, { cause });
}

/** The server ended a connection over which more was expected of it. */
export function closedByServer(cause?: unknown): ServiceUnavailable {
  return new ServiceUnavailable("connection closed by the server", { reason: "connection_reset", cause });
}

/** More came than an answer may hold. */
export function answerTooLong(maxBytes: number): ServiceReturnedUnexpectedResult {
  return new ServiceReturnedUnexpectedResult(`the answer is longer than ${printBytes(maxBytes)}`);
}
