import type { IncomingMessage } from "node:http";
import { negotiate } from "../../formats/negotiate.ts";
import { pageHeaders } from "../../page/document.ts";
import { refusalPage } from "../../page/refusal-page.ts";
import { type Answer, contentAnswer } from "../answer.ts";
import { formats } from "../formats.ts";

/** The refusals that a person may meet in a browser. What checks say has other statuses. */
const dressedStatuses = new Set([400, 401, 403, 404, 405, 406, 429]);

/** Clients that accept both equally, such as curl, get the text. */
const written = ["text", "html"].flatMap((wanted) => formats.filter(({ name }) => name === wanted));

/** Whether a client would rather read a page than a text. */
export function prefersPage(accept: string | undefined): boolean {
  return negotiate(written, accept)?.format.name === "html";
}

/** A refusal as a page, for a client that would rather read one; anything else as it is. */
export function dressed<Body>({ headers }: IncomingMessage, answer: Answer<Body>): Answer<Body | string> {
  const { status, body } = answer;
  if (!dressedStatuses.has(status) || typeof body !== "string") return answer;
  if (answer.headers["Content-Type"]?.startsWith("text/plain") !== true || !prefersPage(headers.accept)) return answer;
  const page = `${refusalPage(status, body.trim(), Date.now())}\n`;
  const { "Content-Type": _type, "Content-Length": _length, ...own } = answer.headers;
  return contentAnswer(status, "text/html; charset=utf-8", page, { ...own, ...pageHeaders() });
}
