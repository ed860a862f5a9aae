import type { SecureContext } from "node:tls";
import { context } from "@opentelemetry/api";
import { HealthCheckError } from "../../health/errors.ts";
import type { ProbeStep } from "../../health/probe-terms.ts";
import { type ConnectionUrl, Secret } from "../../health/secret.ts";
import { answerTooLong } from "../../net/answer-limit.ts";
import { abortedPhase, type PhaseName, recordPhase } from "../../net/phase.ts";
import { decodeBody } from "../http/decode-body.ts";
import { fieldValue } from "../http/field-syntax.ts";
import { followRedirects } from "../http/follow-redirects.ts";
import { firstRequest } from "../http/http-request.ts";
import type { HttpAnswer } from "../http/wire/exchange.ts";
import type { Asking } from "./shared-question.ts";

/** Where a page is, and how it is reached. */
export interface PagePlace {
  readonly url: ConnectionUrl;
  readonly family?: 4 | 6 | undefined;
  readonly ca?: string | undefined;
  readonly verifyCertificate: boolean;
  readonly secureContext: () => SecureContext;
}

/** By which a server knows whether its page is still the same (RFC 9110, section 13.1). */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

/** What a server answered. */
export interface FetchedPage<Page> extends Validators {
  readonly status: number;
  /** Undefined when it is no such page. */
  readonly page?: Page | undefined;
  /** Why it could not be read at all. */
  readonly failure?: HealthCheckError;
}

/** How a page is read. */
export interface PageReading<Page> {
  readonly read: (text: string) => Page | undefined | Promise<Page | undefined>;
  readonly maxBytes: number;
}

const maxHeaderSize = 256 * 1024;
const maxValidatorCharacters = 1000;

/**
 * Asks for a page, over a connection of its own, and records the phases in the context in which it is called. The server is told
 * nothing of the trace: it is somebody else's.
 */
export function fetchPage<Page>(
  place: PagePlace,
  { read, maxBytes }: PageReading<Page>,
  known: Validators,
  signal: AbortSignal,
): Asking<FetchedPage<Page>> {
  const phase = new PhaseUnderWay();
  const fetching = async (): Promise<FetchedPage<Page>> => {
    const { answer } = await followRedirects(
      firstRequest({ url: place.url, method: "GET", headers: headersFor(known) }),
      {
        isWanted: (status) => status === 200 || status === 304,
        keepBody: true,
        secureContext: place.secureContext,
        family: place.family,
        verifyCertificate: place.verifyCertificate,
        propagate: false,
        maxBodySize: maxBytes,
        maxHeaderSize,
        observe: (step) => phase.observe(step),
      },
      signal,
    );
    if (answer.status !== 200) return { status: answer.status };
    return readAnswer(answer, { read, maxBytes });
  };
  return { answer: fetching(), handOver: (reason) => phase.leave(reason) };
}

async function readAnswer<Page>(answer: HttpAnswer, reading: PageReading<Page>): Promise<FetchedPage<Page>> {
  const { status, headers, body, truncated } = answer;
  const { read, maxBytes } = reading;
  try {
    if (truncated) throw answerTooLong(maxBytes);
    const page = await read(await decodeBody(body, headers, maxBytes, answerTooLong));
    return { status, page, etag: validator(headers.etag), lastModified: validator(headers["last-modified"]) };
  } catch (error) {
    if (error instanceof HealthCheckError) return { status, failure: error };
    throw error;
  }
}

function headersFor({ etag, lastModified }: Validators): Readonly<Record<string, Secret>> {
  return {
    "Accept-Encoding": new Secret("gzip"), // Some pages have megabytes.
    ...(etag !== undefined && { "If-None-Match": new Secret(etag) }),
    ...(lastModified !== undefined && { "If-Modified-Since": new Secret(lastModified) }),
  };
}

function validator(field: string | undefined): string | undefined {
  return field !== undefined && field.length <= maxValidatorCharacters && fieldValue.test(field) ? field : undefined;
}

/** The phase of a question, for the span of who asked first and went away before the others. */
class PhaseUnderWay {
  readonly #context = context.active();
  #name: PhaseName | undefined;
  #since = 0;

  observe(step: ProbeStep): void {
    if (step.kind === "phase") {
      this.#name = step.phase as PhaseName; // A clock begins no other.
      this.#since = Date.now();
    } else if (step.kind === "end of phase") this.#name = undefined;
  }

  leave(reason: unknown): void {
    if (this.#name === undefined) return;
    const failure = abortedPhase(reason);
    context.with(this.#context, recordPhase, undefined, this.#name, this.#since, Date.now(), failure);
  }
}
