import type { IncomingMessage } from "node:http";
import { negotiate } from "../../formats/negotiate.ts";
import { offered } from "../../formats/offered-formats.ts";
import { loadOnce } from "../../health/load-once.ts";
import type { Answer } from "../answer.ts";

/** The refusals that a person may meet in a browser. What checks say has other statuses. */
const dressedStatuses = new Set([400, 401, 403, 404, 405, 406, 429]);

/** Clients that accept both equally, such as curl, get the text. */
const written = [offered.text, offered.html];

/** Loads what makes pages of refusals: a server answers many requests before it has to refuse a browser something. */
export const loadRefusalPages = loadOnce(() => import("./refusal-in-page.ts"));

/** Whether a client would rather read a page than a text. */
export function prefersPage(accept: string | undefined): boolean {
  return negotiate(written, accept)?.format.name === "html";
}

/** A refusal as a page, for a client that would rather read one; anything else as it is, at once. Never rejects. */
export function dressed<Body>(
  { headers }: IncomingMessage,
  answer: Answer<Body>,
): Answer<Body | string> | Promise<Answer<Body | string>> {
  const { status, body } = answer;
  if (!dressedStatuses.has(status) || typeof body !== "string") return answer;
  if (answer.headers["Content-Type"]?.startsWith("text/plain") !== true || !prefersPage(headers.accept)) return answer;
  return loadRefusalPages().then(
    ({ refusalInPage }) => refusalInPage({ ...answer, body }),
    () => answer, // While too many files are open, the text says the same.
  );
}
