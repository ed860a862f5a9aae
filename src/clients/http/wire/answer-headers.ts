import type { IncomingHttpHeaders } from "node:http";
import { MalformedAnswerError } from "./malformed-answer-error.ts";

/** Of which an answer has one, so that the first counts, as it does in Node.js. */
const single = new Set([
  "age",
  "authorization",
  "content-length",
  "content-type",
  "etag",
  "expires",
  "from",
  "host",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "location",
  "max-forwards",
  "proxy-authorization",
  "referer",
  "retry-after",
  "server",
  "user-agent",
]);

/** An object for the headers of an answer. It has no prototype: no name that a server could think of is there before. */
export function noHeaders(): IncomingHttpHeaders {
  return Object.create(null);
}

/**
 * Adds a field to the headers of an answer, which are then what Node.js makes of them: names in lower case, and the values
 * of a name that comes again in one.
 * @throws MalformedAnswerError when it does not tell the length of the body but is to (RFC 9112, section 6.3)
 */
export function addHeader(headers: IncomingHttpHeaders, fieldName: string, value: string): void {
  const name = fieldName.toLowerCase();
  if (name === "set-cookie") {
    headers[name] ??= [];
    headers[name].push(value);
    return;
  }
  const known = headers[name];
  if (name === "content-length") expectLength(value, known !== undefined);
  else if (name === "transfer-encoding" && value === "") {
    throw new MalformedAnswerError("HPE_INVALID_TRANSFER_ENCODING", "Transfer-Encoding is empty");
  }
  if (known === undefined) headers[name] = value;
  else if (!single.has(name)) headers[name] = `${known}${name === "cookie" ? "; " : ", "}${value}`;
}

function expectLength(value: string, again: boolean): void {
  if (again) throw new MalformedAnswerError("HPE_UNEXPECTED_CONTENT_LENGTH", "there is more than one Content-Length");
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(Number(value))) {
    throw new MalformedAnswerError("HPE_INVALID_CONTENT_LENGTH", "Content-Length is no length");
  }
}
