import type { X509Certificate } from "node:crypto";
import type { SecureContext } from "node:tls";
import { ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import type { ProbedAnswer, ProbeTerms } from "../../health/probe-terms.ts";
import { PhaseClock } from "../../net/phase-clock.ts";
import { Cookies } from "./cookies.ts";
import { type HttpRequest, isRedirect, redirected } from "./http-request.ts";
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
  observe?.({ kind: "protocol", protocol: "http" });
  let request = first;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    observe?.({ kind: "request", method: request.method });
    const answer = await exchange(request, {
      ...exchanged,
      secureContext: request.destination.secure ? secureContext(request.trusted) : undefined,
      propagate: propagate && request.trusted, // What belongs to one trace is nobody else's business.
      bodyUse,
      clock,
      signal,
    });
    if (answer.certificate !== undefined) certificates.push(answer.certificate);
    observe?.({ kind: "answer", ...probedAnswer(answer, request.destination.secure) });
    const { status, headers } = answer;
    if (isWanted(status) || !isRedirect(status, headers.location)) return { answer, certificates };
    cookies.take(request.url, headers["set-cookie"]);
    request = redirected(request, status, headers.location, cookies);
  }
  throw new ServiceReturnedUnexpectedResult(`redirects more than ${maxRedirects} times`);
}

function probedAnswer({ status, version, headers, truncated, bodySize }: HttpAnswer, secure: boolean): ProbedAnswer {
  const length = headers["content-length"];
  return {
    status,
    version,
    contentLength: length === undefined ? undefined : Number(length),
    bodyLength: truncated ? undefined : bodySize,
    secure,
  };
}
