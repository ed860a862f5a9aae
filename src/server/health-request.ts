import type { IncomingMessage } from "node:http";

/** What an endpoint needs to know of a request, whichever server received it. */
export interface HealthRequest {
  readonly incoming: IncomingMessage;
  /** The path, undecoded, without what a host program has mounted us under. */
  readonly path: string;
  /** What follows the question mark, undecoded. */
  readonly query: string;
  /** The path as the client wrote it, undecoded: what a host program has mounted us under is still in it. */
  readonly originalPath: string;
  /** Scheme and authority as the client wrote them, as far as the server trusts it: `https://shop.example`. */
  readonly origin: () => string;
}

/** The path and the query of a request's target. */
export interface Target {
  readonly path: string;
  readonly query: string;
}

/** Splits a request's target (RFC 9112, section 3.2), which may be a whole address when it came through a proxy. */
export function splitTarget(target: string): Target {
  const start = target.startsWith("/") ? 0 : (/^https?:\/\/[^/?]*/i.exec(target)?.[0].length ?? 0);
  const question = target.indexOf("?", start);
  if (question === -1) return { path: target.slice(start), query: "" };
  return { path: target.slice(start, question), query: target.slice(question + 1) };
}

/** A host name or address with or without a port; what else a `Host` header may hold is not repeated to anybody. */
const authority = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * The address under which the client reached the server: always one that can be parsed, since nothing that a client writes
 * may make its request fail. A port of 99999 or a host of `999.999.999.999` looks right and is not valid.
 * @param protocol as the server or a trusted proxy names it; anything but `https` counts as `http`
 * @param host the `Host` header, or what a trusted proxy says that it was
 */
export function originOf(protocol: string, host: string | undefined): string {
  const scheme = protocol === "https" ? "https" : "http";
  const origin = `${scheme}://${host ?? ""}`;
  return host !== undefined && authority.test(host) && URL.canParse(origin) ? origin : `${scheme}://localhost`;
}
