import type { IncomingHttpHeaders } from "node:http";
import { MalformedAnswerError } from "./malformed-answer-error.ts";

/** Where the body of an answer ends: after this number of bytes, with its last chunk, or with the connection. */
export type BodyLength = number | "chunked" | "until close";

/**
 * Finds where the body of an answer ends (RFC 9112, section 6.3).
 * @throws MalformedAnswerError when the answer contradicts itself
 */
export function bodyLength(method: string, status: number, headers: IncomingHttpHeaders): BodyLength {
  const length = headers["content-length"];
  const coding = headers["transfer-encoding"];
  if (length !== undefined && coding !== undefined) {
    throw new MalformedAnswerError("HPE_INVALID_CONTENT_LENGTH", "there are Content-Length and Transfer-Encoding");
  }
  const chunked = coding !== undefined && isChunked(coding);
  if (method === "HEAD" || status === 204 || status === 304 || (status >= 100 && status < 200)) return 0;
  if (chunked) return "chunked";
  return length === undefined ? "until close" : Number(length);
}

/** `chunked` must be the last coding, and may be there only once (RFC 9112, section 6.1). */
function isChunked(header: string): boolean {
  const codings = header
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== ""); // RFC 9110, section 5.6.1.2: empty elements do not count.
  const first = codings.indexOf("chunked");
  if (first !== -1 && first < codings.length - 1) {
    throw new MalformedAnswerError("HPE_INVALID_TRANSFER_ENCODING", "chunks are not the last coding");
  }
  return first !== -1;
}
