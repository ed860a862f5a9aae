import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { type Answer, headerAnswer, type SentAnswer } from "../answer.ts";

/** Less is not worth zipping: it fits into one packet. */
const leastZippedCharacters = 1_200;

/** What was found out of an answer, which may be sent to many. */
interface Known {
  etag: string | undefined;
  zipped: Promise<Buffer> | undefined;
}

const known = new WeakMap<Answer, Known>();

/** What `Vary` says of an answer that may be zipped. */
const vary = "Accept, Accept-Encoding";

/**
 * An answer that readers keep, such as a page or a feed, in the form that costs this one least: nothing but a 304 when it has
 * the answer already (RFC 9110, section 13.1.2), zipped when it can read that.
 * @param isOpen whether everybody may read it: then browsers may keep it, and have to ask whether it is still true
 */
export function keptAnswer(
  request: IncomingMessage,
  answer: Answer,
  isOpen: boolean,
): SentAnswer | Promise<SentAnswer> {
  const { status, body } = answer;
  const { method, headers } = request;
  // Conditions are for what would succeed: that checks fail is always told anew.
  const etag = status === 200 ? etagOf(answer) : undefined;
  const own = {
    Vary: vary,
    ...(etag !== undefined && { ETag: etag }),
    ...(etag !== undefined && isOpen && { "Cache-Control": "no-cache" }),
  };
  const isRead = method === "GET" || method === "HEAD";
  if (etag !== undefined && isRead && hasAlready(headers["if-none-match"], etag)) return headerAnswer(304, own);
  if (body.length < leastZippedCharacters || !acceptsGzip(headers["accept-encoding"])) {
    return { ...answer, headers: { ...answer.headers, ...own } };
  }
  return zippedBody(answer).then((zipped) => ({
    status,
    headers: { ...answer.headers, ...own, "Content-Encoding": "gzip", "Content-Length": String(zipped.length) },
    body: zipped,
  }));
}

function knownOf(answer: Answer): Known {
  let found = known.get(answer);
  if (found === undefined) {
    found = { etag: undefined, zipped: undefined };
    known.set(answer, found);
  }
  return found;
}

/** A weak one: the zipped answer has other bytes and says the same. */
function etagOf(answer: Answer): string {
  const found = knownOf(answer);
  found.etag ??= `W/"${createHash("sha256").update(answer.body).digest("base64url").slice(0, 22)}"`;
  return found.etag;
}

/** Zipped outside the event loop's thread, once for as many as read it. */
function zippedBody(answer: Answer): Promise<Buffer> {
  const found = knownOf(answer);
  // Loaded on first use: probes read nothing zipped.
  found.zipped ??= promisify(process.getBuiltinModule("node:zlib").gzip)(answer.body);
  return found.zipped;
}

/** Compares weakly, as `If-None-Match` asks for. */
function hasAlready(condition: string | undefined, etag: string): boolean {
  if (condition === undefined) return false;
  if (condition.trim() === "*") return true;
  return condition.split(",").some((each) => each.trim().replace(/^W\//, "") === etag.slice(2));
}

/** Whether `Accept-Encoding` names gzip or `*`, and does not refuse it (RFC 9110, section 12.5.3). */
function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  const codings = new Map(
    header.split(",").map((each) => {
      const [name = "", ...parameters] = each.split(";").map((part) => part.trim().toLowerCase());
      return [name, !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))] as const;
    }),
  );
  return codings.get("gzip") ?? codings.get("x-gzip") ?? codings.get("*") ?? false;
}
