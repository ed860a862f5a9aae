import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { Answer, SentAnswer } from "./answer.ts";

/** An answer of this length or more, which may be sent to many, is encoded only once. */
const longBody = 16_384;
const encodedBodies = new WeakMap<object, Buffer>();

/** Whether an answer is short, and says how long it is. */
export function isShort({ headers, body }: SentAnswer): boolean {
  return !(body instanceof Readable) && body.length < longBody && headers["Content-Length"] !== undefined;
}

/** The body of an answer in the form that is cheapest to send. */
export function contentOf<Body>(answer: Answer<Body>): Body | Buffer {
  const { body } = answer;
  if (typeof body !== "string" || body.length < longBody) return body;
  let encoded = encodedBodies.get(answer);
  if (encoded === undefined) {
    encoded = Buffer.from(body);
    encodedBodies.set(answer, encoded);
  }
  return encoded;
}

/** Sends an answer, unless the client has gone in the meantime. */
export function sendAnswer(response: ServerResponse, answer: SentAnswer): void {
  const { status, headers } = answer;
  if (response.destroyed || response.headersSent) return;
  const vary = response.getHeader("Vary");
  // What the host program's answers depend on, such as the encoding, ours depend on too.
  response.writeHead(status, vary === undefined ? headers : { ...headers, Vary: `${vary}, ${headers.Vary}` });
  const content = contentOf(answer);
  if (!(content instanceof Readable)) {
    response.end(content);
    return;
  }
  response.on("close", () => content.destroy());
  // Also one that was given up: its client is not left waiting.
  content.on("close", () => response.end());
  content.pipe(response);
}
