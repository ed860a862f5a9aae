import {
  type Attributes,
  type Context,
  context,
  propagation,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { tracer } from "../health/instrumentation/scope.ts";
import { attributeNames } from "../telemetry/names.ts";
import type { SentAnswer } from "./answer.ts";
import type { HealthRequest } from "./health-request.ts";

/** The methods that the semantic conventions for HTTP know; any other is the client's invention and must not name a span. */
const knownMethods = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"]);

/** The span of a request while it is answered. */
export interface RequestSpan {
  /** In which the runs that the request causes become its children. */
  readonly context: Context;
  /** The request shares the result of a run that another one caused. */
  joined(run: SpanContext): void;
}

interface EndingSpan extends RequestSpan {
  /** @param status the answer's status code; one of 500 or more is an error (semantic conventions, HTTP spans) */
  end(status: number): void;
}

/** The server spans of what is asked of one route. */
export class RequestTracer {
  readonly #route: string;
  readonly #byMethod = new Map<string, { readonly name: string; readonly attributes: Attributes }>();

  /** @param route the endpoint's path, and never what the request asked for: that may hold a secret segment */
  constructor(route: string) {
    this.#route = route;
  }

  /**
   * Answers a request within its span, which ends with the status code of the answer, or with 500 when there is none. An
   * answer that is there at once is given at once: most come from memory, and a promise for each would cost throughput.
   * @throws what `answer` throws
   */
  trace(
    request: HealthRequest,
    answer: (span: RequestSpan) => SentAnswer | Promise<SentAnswer>,
  ): SentAnswer | Promise<SentAnswer> {
    const span = this.#start(request);
    let made: SentAnswer | Promise<SentAnswer> | undefined;
    try {
      made = answer(span);
    } finally {
      if (made === undefined) span.end(500);
    }
    if (made instanceof Promise) return endWith(span, made);
    span.end(made.status);
    return made;
  }

  /**
   * Starts the span of a request as a child of its `traceparent`. Where a host program traces its requests itself, its
   * own span stands for the request and no second one is made.
   */
  #start(request: HealthRequest): EndingSpan {
    const active = context.active();
    const hostSpan = trace.getSpan(active);
    if (hostSpan !== undefined) return new HostRequestSpan(active, hostSpan);
    const { method = "", headers } = request.incoming;
    const parent = propagation.extract(active, headers);
    const { name, attributes } = this.#ofMethod(method);
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
    if (span.isRecording()) span.setAttributes(requestAttributes(request));
    // Where nothing is traced, no run needs to know of a span that has no identity.
    const isKnown = trace.isSpanContextValid(span.spanContext());
    return new OwnRequestSpan(isKnown ? trace.setSpan(parent, span) : parent, span);
  }

  #ofMethod(method: string): { readonly name: string; readonly attributes: Attributes } {
    const known = knownMethods.has(method) ? method : undefined;
    const key = known ?? "";
    let ofMethod = this.#byMethod.get(key);
    if (ofMethod === undefined) {
      const attributes = {
        [attributeNames.httpRequestMethod]: known ?? "_OTHER",
        [attributeNames.httpRoute]: this.#route,
        [attributeNames.urlPath]: this.#route,
      };
      ofMethod = { name: `${known ?? "HTTP"} ${this.#route}`, attributes: Object.freeze(attributes) };
      this.#byMethod.set(key, ofMethod);
    }
    return ofMethod;
  }
}

async function endWith(span: EndingSpan, answer: Promise<SentAnswer>): Promise<SentAnswer> {
  let status = 500;
  try {
    const made = await answer;
    status = made.status;
    return made;
  } finally {
    span.end(status);
  }
}

/** The SDK's default limit; it complains about every further link. */
const maxLinks = 128;

class OwnRequestSpan implements EndingSpan {
  readonly context: Context;
  readonly #span: Span;
  #links = 0;

  constructor(context: Context, span: Span) {
    this.context = context;
    this.#span = span;
  }

  joined(run: SpanContext): void {
    if (this.#links >= maxLinks || !trace.isSpanContextValid(run)) return;
    this.#links += 1;
    this.#span.addLink({ context: run });
  }

  end(status: number): void {
    if (this.#span.isRecording()) {
      this.#span.setAttribute(attributeNames.httpResponseStatusCode, status);
      if (status >= 500) {
        this.#span.setAttribute(attributeNames.errorType, String(status));
        this.#span.setStatus({ code: SpanStatusCode.ERROR });
      }
    }
    this.#span.end();
  }
}

class HostRequestSpan implements EndingSpan {
  readonly context: Context;
  readonly #span: Span;
  #links = 0;

  constructor(context: Context, span: Span) {
    this.context = context;
    this.#span = span;
  }

  joined(run: SpanContext): void {
    if (this.#links >= maxLinks || !trace.isSpanContextValid(run)) return;
    this.#links += 1;
    this.#span.addLink({ context: run });
  }

  end(): void {} // The host program ends it.
}

/** What is only worth finding out for a span that is recorded. The query is left out: it may hold anything. */
function requestAttributes({ incoming, origin }: HealthRequest): Attributes {
  const { method = "", headers, httpVersion, socket } = incoming;
  const url = new URL(origin());
  const attributes: Attributes = {
    [attributeNames.urlScheme]: url.protocol.slice(0, -1),
    [attributeNames.serverAddress]: url.hostname,
    [attributeNames.networkProtocolVersion]: httpVersion,
  };
  if (url.port !== "") attributes[attributeNames.serverPort] = Number(url.port);
  if (socket.remoteAddress !== undefined) attributes[attributeNames.clientAddress] = socket.remoteAddress;
  if (headers["user-agent"] !== undefined) attributes[attributeNames.userAgentOriginal] = headers["user-agent"];
  if (!knownMethods.has(method)) attributes[attributeNames.httpRequestMethodOriginal] = method;
  return attributes;
}
