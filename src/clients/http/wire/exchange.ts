import type { X509Certificate } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { context } from "@opentelemetry/api";
import { failureOf } from "../../../health/failure.ts";
import type { HttpRequest } from "../http-request.ts";
import { AnswerParser, type BodyUse } from "./answer-parser.ts";
import { Connection, type ConnectionListener, type ConnectionOptions } from "./connection.ts";
import { exchangeError } from "./exchange-error.ts";
import { traceFields } from "./write-request.ts";

/** What the server answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as sent, when it was asked for. */
  readonly body: Buffer;
  /** Whether there was more of it than was to be read. */
  readonly truncated: boolean;
  /** The server's, when the connection had one. */
  readonly certificate: X509Certificate | undefined;
}

/** How a request is sent and its answer read. */
export interface ExchangeOptions extends ConnectionOptions {
  /** Whether the target is told of the trace. */
  readonly propagate: boolean;
  /** No more than so many bytes of a body are read. */
  readonly maxBodySize: number;
  /** Decides what becomes of the body when the headers are there. */
  readonly bodyUse: (status: number, headers: IncomingHttpHeaders) => BodyUse;
  readonly signal: AbortSignal;
}

/**
 * Sends one request over a connection of its own and reads the answer. The connection is gone when the promise settles
 * and when the signal fires.
 * @throws HealthCheckError for an answer that is none, else what the connection failed with
 */
export function exchange(request: HttpRequest, options: ExchangeOptions): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    options.signal.throwIfAborted();
    new Exchange(request, options, resolve, reject);
  });
}

/** One exchange under way. */
class Exchange implements ConnectionListener {
  readonly #request: HttpRequest;
  readonly #options: ExchangeOptions;
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #traceFields: string;
  readonly #answer: AnswerParser;
  readonly #connection: Connection;
  readonly #abort: () => void;
  #isOpen = true;

  constructor(
    request: HttpRequest,
    options: ExchangeOptions,
    resolve: (answer: HttpAnswer) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#request = request;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#traceFields = options.propagate ? traceFields(request.head, context.active()) : "";
    this.#answer = new AnswerParser(request.method, options.maxBodySize, this);
    this.#connection = new Connection(request.destination, options, this);
    // Not written within an assignment to the property, for the reason that connection.ts gives. Nor is this object itself
    // the listener: Node.js would wrap it into such a function.
    const abort = (): void => this.#aborted();
    this.#abort = abort;
    options.signal.addEventListener("abort", abort);
  }

  connected(): void {
    const { head, body } = this.#request;
    this.#connection.send(`${head}${this.#traceFields}\r\n`, body);
  }

  received(bytes: Buffer, length: number): void {
    try {
      if (this.#answer.read(bytes, length)) this.#finish();
    } catch (error) {
      this.failed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  bodyUse(status: number, headers: IncomingHttpHeaders): BodyUse {
    if (status !== 101) this.#options.clock.begin("transfer");
    return this.#options.bodyUse(status, headers);
  }

  ended(): void {
    if (this.#answer.end()) this.#finish();
    else this.failed(Object.assign(new Error("the server closed the connection"), { code: "ECONNRESET" }));
  }

  failed(error: Error): void {
    const meant = exchangeError(error, this.#options.clock.phase);
    if (this.#settle(failureOf(meant, (message) => message).message)) this.#reject(meant);
  }

  #aborted(): void {
    const { reason } = this.#options.signal;
    if (this.#settle(reason instanceof Error ? reason.message : "aborted")) this.#reject(reason);
  }

  #finish(): void {
    const { status, headers, body, truncated } = this.#answer;
    const { certificate } = this.#connection;
    if (this.#settle()) this.#resolve({ status, headers, body, truncated, certificate });
  }

  /** @returns whether it was open until now */
  #settle(failure?: string): boolean {
    if (!this.#isOpen) return false;
    this.#isOpen = false;
    this.#options.clock.end(failure);
    this.#options.signal.removeEventListener("abort", this.#abort);
    this.#connection.close();
    return true;
  }
}
