import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type HttpTarget, startHttpTarget } from "../http-target.ts";

/** A server of pages that knows whether a page is still the same. */
export interface StatusPageServer extends HttpTarget {
  /** Puts a page at a path, in place of the former one. */
  put(path: string, body: string | Buffer): void;
  /** Those of the answers so far. */
  readonly statuses: readonly number[];
}

/** Starts it with one page, or none. What is not there is 404. */
export async function startStatusPages(
  pages: Readonly<Record<string, string | Buffer>> = {},
): Promise<StatusPageServer> {
  const bodies = new Map(Object.entries(pages));
  const statuses: number[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const body = bodies.get(request.url ?? "");
    const etag = body === undefined ? undefined : `"${createHash("sha256").update(body).digest("hex")}"`;
    const isSame = etag !== undefined && request.headers["if-none-match"] === etag;
    const status = body === undefined ? 404 : isSame ? 304 : 200;
    statuses.push(status);
    response.writeHead(status, etag === undefined ? {} : { ETag: etag });
    response.end(isSame ? undefined : body);
  };
  const target = await startHttpTarget(answer);
  return Object.assign(target, { statuses, put: (path: string, body: string | Buffer) => void bodies.set(path, body) });
}
