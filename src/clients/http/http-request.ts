import { ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import { type UrlCredentials, urlCredentials } from "../../net/url-credentials.ts";
import { Cookies } from "./cookies.ts";
import { destinationOf } from "./destination.ts";
import type { RequestFields } from "./request-fields.ts";
import { requestHead, type WrittenRequest } from "./wire/exchange.ts";

/** A request as it is meant. */
interface RequestContent {
  /** Without user information. */
  readonly url: URL;
  readonly method: string;
  /** By their names as written; `Host` and what tells the length of the body included. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** A request with all that is sent, the trace context aside. It is made once for all runs of a check, redirects aside. */
export interface HttpRequest extends RequestContent, WrittenRequest {
  /** False once a redirect has led to another origin: nothing that may be a credential is sent from then on. */
  readonly trusted: boolean;
}

/** The first request: headers of ours, and above them those of the user. */
export function firstRequest(fields: RequestFields): HttpRequest {
  const { url: address, method, headers, bearer, body, login = urlCredentials(address) } = fields;
  const url = new URL(address.reveal());
  const content = body?.reveal();
  const authorization = bearer === undefined ? basicCredentials(login) : `Bearer ${bearer.reveal()}`;
  url.username = "";
  url.password = "";
  const own: Record<string, string> = {
    Host: url.host,
    "User-Agent": "healthspan",
    Accept: "*/*",
    "Accept-Encoding": "identity", // A compressed body would have to be unpacked to be looked at.
    ...(authorization !== undefined && { Authorization: authorization }),
    ...(content !== undefined && { "Content-Length": String(Buffer.byteLength(content)) }),
  };
  const theirs = Object.entries(headers).map(([name, value]) => [name, value.reveal()] as const);
  const replaced = new Set(theirs.map(([name]) => name.toLowerCase()));
  const kept = Object.entries(own).filter(([name]) => !replaced.has(name.toLowerCase()));
  return written({ url, method, headers: Object.fromEntries([...kept, ...theirs]), body: content }, true);
}

/** @param cookie goes with those that the user gave */
function written(content: RequestContent, trusted: boolean, cookie?: string): HttpRequest {
  const { url, method, headers } = content;
  const head = requestHead(
    method,
    url.pathname + url.search,
    cookie === undefined ? headers : withCookie(headers, cookie),
  );
  return { ...content, destination: destinationOf(url, headers), head, trusted };
}

function withCookie(headers: Readonly<Record<string, string>>, cookie: string): Record<string, string> {
  const [name = "Cookie", own] = Object.entries(headers).find(([one]) => one.toLowerCase() === "cookie") ?? [];
  return { ...headers, [name]: own === undefined ? cookie : `${own}; ${cookie}` };
}

/** Credentials as the `Authorization` of RFC 7617. */
function basicCredentials({ username, password }: UrlCredentials): string | undefined {
  if (username === undefined && password === undefined) return undefined;
  return `Basic ${Buffer.from(`${username ?? ""}:${password?.reveal() ?? ""}`).toString("base64")}`;
}

/** The headers of a user that are sent to another origin too: every other may be a credential. */
export const harmlessHeaders: ReadonlySet<string> = new Set([
  "accept",
  "accept-language",
  "accept-encoding",
  "cache-control",
  "user-agent",
]);
/** What describes a body, and goes when the body goes. */
const bodyHeaders = new Set(["content-length", "content-type", "content-encoding", "content-language"]);

/** Whether an answer says where to ask instead (RFC 9110, section 15.4). */
export function isRedirect(status: number, location: string | undefined): location is string {
  return location !== undefined && [301, 302, 303, 307, 308].includes(status);
}

/**
 * The request to which a redirect leads, with the cookies that were set on the way. The method changes as the Fetch standard's "HTTP-redirect fetch" says.
 * @throws ServiceReturnedUnexpectedResult when it leads nowhere, or when to follow it would give a body away
 */
export function redirected(
  request: HttpRequest,
  status: number,
  location: string,
  cookies = new Cookies(),
): HttpRequest {
  const url = target(location, request.url);
  const sameOrigin = url.origin === request.url.origin;
  const dropsBody = status === 303 ? request.method !== "HEAD" : status < 303 && request.method === "POST";
  const method = dropsBody ? "GET" : request.method;
  const body = dropsBody ? undefined : request.body;
  if (!sameOrigin && body !== undefined) {
    throw new ServiceReturnedUnexpectedResult(`status ${status}: the redirect asks for the body at another origin`);
  }
  const headers = Object.entries(request.headers).filter(([name]) => {
    const lower = name.toLowerCase();
    return (sameOrigin || harmlessHeaders.has(lower)) && (!dropsBody || !bodyHeaders.has(lower));
  });
  const own = sameOrigin ? {} : { Host: url.host };
  const content = { url, method, headers: { ...own, ...Object.fromEntries(headers) }, body };
  return written(content, request.trusted && sameOrigin, cookies.for(url));
}

function target(field: string, base: URL): URL {
  const location = asUtf8(field);
  // The address is not repeated: its query may hold a credential.
  if (!URL.canParse(location, base.href)) {
    throw new ServiceReturnedUnexpectedResult("redirects to an address that is not valid");
  }
  const url = new URL(location, base);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new ServiceReturnedUnexpectedResult("redirects to an address that is neither http nor https");
  }
  url.username = "";
  url.password = "";
  return url;
}

/** Headers are read as Latin-1, but some servers write addresses in UTF-8, as browsers read them. */
function asUtf8(field: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(field, "latin1"));
  } catch {
    return field;
  }
}
