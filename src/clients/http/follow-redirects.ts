import type { X509Certificate } from "node:crypto";
import type { SecureContext } from "node:tls";
import type { Attributes } from "@opentelemetry/api";
import { ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import type { ProbeTerms } from "../../health/probe-terms.ts";
import { PhaseClock } from "../../net/phase-clock.ts";
import { inConversation } from "../../net/spans/conversation-span.ts";
import { factNames } from "../../net/spans/span-facts.ts";
import { Cookies } from "./cookies.ts";
import { type HttpRequest, isRedirect, redirected } from "./http-request.ts";
import { probedAnswer } from "./probed-answer.ts";
import { type ExchangeOptions, exchange, type HttpAnswer } from "./wire/exchange.ts";

/** How many redirects are followed, as many as Go and its tools follow. */
export const maxRedirects = 10;

/** How the requests of a check are sent, and which of their answers are redirects to be followed. */
export interface FollowOptions
  extends Pick<
    ExchangeOptions,
    "family" | "gate" | "verifyCertificate" | "propagate" | "maxBodySize" | "maxHeaderSize"
  > {
  /** Whether an answer with this status is wanted itself, even if it is a redirect. */
  readonly isWanted: (status: number) => boolean;
  /** Whether the body of the last answer is to be kept. */
  readonly keepBody: boolean;
  /** @param trusted false for a server to which a redirect led: it is not shown the client's certificate */
  readonly secureContext: (trusted: boolean) => SecureContext;
  /** Takes what happens on the way, when a probe wants to know. */
  readonly observe?: ProbeTerms["observe"];
}

/** The last answer, and the certificates of all servers on the way to it. */
export interface FinalAnswer {
  readonly answer: HttpAnswer;
  readonly certificates: readonly X509Certificate[];
}

/**
 * Sends a request, and follows redirects until an answer is wanted itself or is not a redirect.
 * @throws HealthCheckError when there are too many redirects, or one leads nowhere; else as {@link exchange} does
 */
export async function followRedirects(
  first: HttpRequest,
  options: FollowOptions,
  signal: AbortSignal,
): Promise<FinalAnswer> {
  const { isWanted, keepBody, secureContext, observe, propagate, ...exchanged } = options;
  const bodyUse: ExchangeOptions["bodyUse"] = (status, headers) => {
    if (!isWanted(status) && isRedirect(status, headers.location)) return "ignore";
    return keepBody ? "keep" : "discard";
  };
  const certificates: X509Certificate[] = [];
  const cookies = new Cookies();
  const clock = new PhaseClock(observe);
  clock.tell({ kind: "protocol", protocol: "http" });
  const ask = async (request: HttpRequest, resends: number, ownClock: PhaseClock): Promise<HttpAnswer> => {
    ownClock.tell({ kind: "request", method: request.method, resends });
    const answer = await exchange(request, {
      ...exchanged,
      secureContext: request.destination.secure ? secureContext(request.trusted) : undefined,
      propagate: propagate && request.trusted, // What belongs to one trace is nobody else's business.
      bodyUse,
      clock: ownClock,
      signal,
    });
    ownClock.tell({ kind: "answer", ...probedAnswer(answer, request.destination.secure) });
    return answer;
  };
  /** Another origin is another conversation. */
  const askElsewhere = (request: HttpRequest, resends: number): Promise<HttpAnswer> =>
    inConversation(
      request.method,
      () => requestFacts(request),
      signal,
      async (fail) => {
        const answer = await ask(request, resends, new PhaseClock(observe));
        const { status, headers } = answer;
        const isEnd = isWanted(status) || isRedirect(status, headers.location);
        if (!isEnd) fail({ message: `status ${status}`, reason: "status_code" });
        return answer;
      },
    );
  let request = first;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const answer = await (request.trusted ? ask(request, redirects, clock) : askElsewhere(request, redirects));
    if (answer.certificate !== undefined) certificates.push(answer.certificate);
    const { status, headers } = answer;
    if (isWanted(status) || !isRedirect(status, headers.location)) return { answer, certificates };
    cookies.take(request.url, headers["set-cookie"]);
    request = redirected(request, status, headers.location, cookies);
  }
  throw new ServiceReturnedUnexpectedResult(`redirects more than ${maxRedirects} times`);
}

/** A longer address is cut off: it is the server's word. */
const maxUrlCharacters = 2000;

function requestFacts({ url, method, destination }: HttpRequest): Attributes {
  return {
    [factNames.httpRequestMethod]: method,
    [factNames.serverAddress]: destination.host,
    [factNames.serverPort]: destination.port,
    // Without user information and query.
    [factNames.urlFull]: `${url.origin}${url.pathname}`.slice(0, maxUrlCharacters),
  };
}
