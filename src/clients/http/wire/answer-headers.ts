import type { IncomingHttpHeaders } from "node:http";
import { MalformedAnswerError } from "./malformed-answer-error.ts";

/** Fields that an answer may have only once: the first one counts, as in Node.js. */
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

/** An object for the headers of an answer. It has no prototype, so no name that a server sends is there already. */
export function noHeaders(): IncomingHttpHeaders {
  return Object.create(null);
}

/**
 * Adds a field to the headers of an answer as Node.js does: names in lower case, and the values of a repeated name joined.
 * @throws MalformedAnswerError when it is to give the length of the body and does not (RFC 9112, section 6.3)
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
    throw new MalformedAnswerError("HPE_INVALID_CONTENT_LENGTH", "Content-Length is not a length");
  }
}
