import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { type Answer, headerAnswer, refusal } from "./answer.ts";
import { type Authentication, challenge, isAuthorized } from "./authentication.ts";
import type { FailedLogins } from "./failed-logins.ts";

/** The methods of a path. */
export interface Methods {
  /** What `Allow` says. */
  readonly allow: string;
  /** The methods that get the answer itself. An OPTIONS that is allowed and not among them gets `Allow` and nothing else. */
  readonly answered: readonly string[];
  /** What the client should do instead. */
  readonly advice: string;
}

/**
 * What load balancers ask, to find out whether a server is up. HAProxy's `option httpchk` sends OPTIONS unless configured
 * otherwise and takes every 2xx and 3xx for "up": it gets what GET would get, so that it finds out the truth.
 */
export const probedMethods: Methods = {
  allow: "GET, HEAD, OPTIONS",
  answered: ["GET", "HEAD", "OPTIONS"],
  advice: "Ask with GET or HEAD.",
};

/** What is read and says nothing of whether a server is up. */
export const readMethods: Methods = { ...probedMethods, answered: ["GET", "HEAD"] };

/** What a request needs in order to be answered. */
export interface Admission {
  readonly methods: Methods;
  /** Undefined: everybody may ask. */
  readonly authentication?: Authentication | undefined;
  /** Counts and slows down those who try credentials. */
  readonly logins?: FailedLogins | undefined;
  /** The sentence for a client without valid credentials. */
  readonly asks?: string;
  /** Refuses what a browser sends for a page of another site, which nobody who looks at that page has asked for. */
  readonly isClosedToPages?: boolean;
}

const foreignPage = "A page of another site may not ask for this. Ask without a browser, or without the header Origin.";

/**
 * The guard of everything that is served: refuses a request of a foreign page where pages have no business, then one without
 * valid credentials, and after that one whose method is not answered.
 * @param answer answers a request that is admitted
 */
export function guarded<Body>(
  request: IncomingMessage,
  admission: Admission,
  answer: () => Answer<Body> | Promise<Answer<Body>>,
): Answer<Body | string> | Promise<Answer<Body | string>> {
  const { method = "", headers } = request;
  const { methods, authentication, isClosedToPages = false } = admission;
  if (isClosedToPages && isOfForeignPage(headers)) return refusal(403, foreignPage);
  if (authentication !== undefined) {
    const refused = refusedLogin(request, authentication, admission);
    if (refused !== undefined) return refused;
  }
  const { answered, allow, advice } = methods;
  if (!answered.includes(method)) {
    const isOptions = method === "OPTIONS" && allow.includes(method);
    return isOptions ? headerAnswer(204, { Allow: allow }) : refusal(405, advice, { Allow: allow });
  }
  const made = answer();
  if (method !== "OPTIONS") return made;
  const withAllow = (whole: Answer<Body>) => ({ ...whole, headers: { ...whole.headers, Allow: allow } });
  return made instanceof Promise ? made.then(withAllow) : withAllow(made);
}

/** What a client without valid credentials is answered; only wrong ones count as a failed login, and none do not. */
function refusedLogin(
  request: IncomingMessage,
  authentication: Authentication,
  { asks = "This asks for credentials.", logins }: Admission,
): Answer | Promise<Answer> | undefined {
  if ("path" in authentication) return undefined;
  const { authorization } = request.headers;
  if (authorization !== undefined && logins?.refuses(request)) return tooManyLogins;
  if (isAuthorized(authentication, authorization)) return undefined;
  const refused = refusal(401, asks, { "WWW-Authenticate": challenge(authentication) });
  if (authorization === undefined || logins === undefined) return refused;
  return logins.failed(request).then(() => refused);
}

/** What is answered without a look at the credentials. */
export const tooManyLogins: Answer = refusal(
  429,
  "Too many wrong credentials come from your address. Ask again later.",
  {
    "Retry-After": "2",
  },
);

/** Browsers name the origin of the page with every POST (Fetch standard, "append a request `Origin` header"). */
function isOfForeignPage({ origin, host }: IncomingHttpHeaders): boolean {
  if (origin === undefined) return false;
  // The scheme is left out: a proxy may have taken TLS off.
  return !URL.canParse(origin) || new URL(origin).host !== host?.toLowerCase();
}
