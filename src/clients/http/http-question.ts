import type { IncomingHttpHeaders } from "node:http";
import type { SecureContext } from "node:tls";
import type { Secret } from "../../health/secret.ts";
import { answerTooLong } from "../../net/answer-limit.ts";
import { PhaseClock } from "../../net/phase-clock.ts";
import { decodeBody } from "./decode-body.ts";
import { firstRequest } from "./http-request.ts";
import { parseJson } from "./parse-json.ts";
import { probedAnswer } from "./probed-answer.ts";
import type { RequestFields } from "./request-fields.ts";
import { exchange } from "./wire/exchange.ts";

/** A question to a service that answers it in JSON. */
export interface HttpQuestion extends Pick<RequestFields, "url" | "login" | "bearer" | "body"> {
  /** Default: POST when there is a body, else GET. */
  readonly method?: string | undefined;
  /** The path of a Unix socket to connect to. The host in `url` is then a name like any other. */
  readonly socketPath?: string | undefined;
  /** Headers of the request, by name. */
  readonly headers?: Readonly<Record<string, Secret>> | undefined;
  /** Which of a name's addresses may be used; both kinds when undefined. */
  readonly family?: 4 | 6 | undefined;
  /** For an https address: what is trusted, and the client's certificate. */
  readonly secureContext?: SecureContext | undefined;
  /** Default: true. */
  readonly verifyCertificate?: boolean | undefined;
  /** How many bytes the answer may have. Default: 1 MiB. */
  readonly maxBytes?: number | undefined;
}

/** As much as browsers take. */
const maxHeaderSize = 256 * 1024;

/** What a service answered. */
export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

/**
 * Asks a question over a connection of its own, and records its phases. Redirects are
 * not followed. To be called while the run's span is active.
 * @throws HealthCheckError when the answer is not HTTP, or too long; else what the connection failed with
 */
export async function askByHttp(question: HttpQuestion, signal: AbortSignal): Promise<HttpReply> {
  const { url, login, bearer, body: asked, headers: own = {}, socketPath, maxBytes = 1024 ** 2 } = question;
  const { method = asked === undefined ? "GET" : "POST" } = question;
  const request = firstRequest({ url, login, bearer, method, headers: own, body: asked });
  const clock = new PhaseClock();
  const answer = await exchange(
    { ...request, destination: { ...request.destination, socketPath } },
    {
      family: question.family,
      secureContext: question.secureContext,
      verifyCertificate: question.verifyCertificate ?? true,
      propagate: true,
      maxBodySize: maxBytes,
      maxHeaderSize,
      bodyUse: () => "keep",
      clock,
      signal,
    },
  );
  clock.tell({ kind: "answer", ...probedAnswer(answer, request.destination.secure) });
  const { status, headers, body, truncated } = answer;
  if (truncated) throw answerTooLong(maxBytes);
  const text = await decodeBody(body, headers, maxBytes, answerTooLong);
  return { status, headers, text, json: parseJson(text) };
}
