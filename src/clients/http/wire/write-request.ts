import { type Context, propagation, type TextMapSetter } from "@opentelemetry/api";
import { fieldValue, token } from "../field-syntax.ts";

/** Methods for which a server may wait for a body until it knows that there is none (RFC 9110, section 8.6). */
const methodsWithBody = ["PATCH", "POST", "PUT"];

/**
 * Writes the request line and the fields of a request (RFC 9112, sections 3 and 5), each with its line end, for a
 * connection that is not used again.
 * @param target the path and the query
 * @throws TypeError for characters that would change the request, such as a line end within a value
 */
export function requestHead(method: string, target: string, headers: Readonly<Record<string, string>>): string {
  if (!token.test(method)) throw new TypeError("The method of a request has characters that are not allowed there.");
  if (!/^[\x21-\x7e]+$/.test(target))
    throw new TypeError("The address of a request has characters that are not allowed there.");
  const lines = [`${method} ${target} HTTP/1.1\r\n`];
  for (const [name, value] of Object.entries(headers)) lines.push(fieldLine(name, value));
  if (methodsWithBody.includes(method) && !hasField(lines.join(""), "content-length")) {
    lines.push(fieldLine("Content-Length", "0"));
  }
  lines.push(fieldLine("Connection", "close"));
  return lines.join(""); // One text: a sum would be kept as the tree of its parts, for as long as the check.
}

/**
 * Writes the fields that carry the trace context, for a head that {@link requestHead} wrote. A field that the head already has
 * is left out.
 * @throws TypeError as {@link requestHead} does
 */
export function traceFields(head: string, trace: Context): string {
  const written = { head, lines: "" };
  propagation.inject(trace, written, setter);
  return written.lines;
}

const setter: TextMapSetter<{ readonly head: string; lines: string }> = {
  set(written, name, value) {
    if (!hasField(written.head, name)) written.lines += fieldLine(name, value);
  },
};

function fieldLine(name: string, value: string): string {
  if (!token.test(name)) throw new TypeError("The name of a header has characters that are not allowed there.");
  if (!fieldValue.test(value)) throw new TypeError(`The header ${name} has characters that are not allowed there.`);
  return `${name}: ${value}\r\n`;
}

/** No value has a line end, so what stands between a line end and a colon is the name of a field. */
function hasField(head: string, name: string): boolean {
  return head.toLowerCase().includes(`\r\n${name.toLowerCase()}:`);
}
