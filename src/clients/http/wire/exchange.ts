/**
 * The only file of this folder that others import: an HTTP/1.1 client for one request over one connection.
 * docs/decisions/0008 says why it is not a library's.
 *
 * At 10,000 checks the client makes some 700 requests a second, for ever. V8 cleans up cheaply what is garbage by its next
 * scavenge of the young generation; all else is copied, then waits in the old generation for a collection of the whole heap,
 * which delays the schedule. So nothing of a run may outlive it. A run leaves 1.2 kB to the whole collection, as every socket
 * of Node.js's does by itself; a client that breaks one of the first three rules leaves twice as much.
 * exchange-memory.test.ts measures it. All figures are of Node.js 24.
 *
 * 1. No function is written on the right-hand side of an assignment to a property, private ones included. V8 takes it for the
 *    method of a prototype and creates it in the old generation, and whatever it closes over survives with it: 2.8 kB a run.
 *    It is written as a variable first, and the variable is assigned. Functions in object literals, as initial values of
 *    fields, as arguments and by `bind` are harmless.
 * 2. No object is an event listener, as `handleEvent` allows. Node.js breaks the first rule for it: 2.9 kB a run.
 * 3. A socket leads to nothing of the run once it is closed, since it survives itself: 2.8 kB a run. `Connection` alone hangs
 *    on the socket, and lets go of everything else when it is closed.
 * 4. What is under way is not kept in a `Map` or `Set` that lives on. As its entries come and go, V8 replaces its table, and
 *    the former table survives with what was in it: 40 to 90 % of the entries in a test of 1 to 300 at a time.
 * 5. All connections read into the same memory. By itself Node.js allocates 64 KiB for each read.
 */
import type { X509Certificate } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { context } from "@opentelemetry/api";
import { failureOf } from "../../../health/failure.ts";
import { abortedPhase, type PhaseFailure } from "../../../net/phase.ts";
import type { Destination } from "../destination.ts";
import { type AnswerLimits, AnswerParser, type BodyUse } from "./answer-parser.ts";
import { Connection, type ConnectionListener, type ConnectionOptions } from "./connection.ts";
import { exchangeError } from "./exchange-error.ts";
import { traceFields } from "./write-request.ts";

export { requestHead } from "./write-request.ts";

/** A request that is ready to be sent. */
export interface WrittenRequest {
  readonly destination: Destination;
  readonly method: string;
  /** What {@link requestHead} wrote, without what differs in each run and without the empty line. */
  readonly head: string;
  readonly body: string | undefined;
}

/** What the server answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as sent, when it was asked for. */
  readonly body: Buffer;
  /** Whether it was longer than what was read of it. */
  readonly truncated: boolean;
  /** The version of HTTP: `1.1`. */
  readonly version: string;
  /** How many bytes of the body were read. */
  readonly bodySize: number;
  /** The server's, when the connection had one. */
  readonly certificate: X509Certificate | undefined;
}

/** How a request is sent and its answer read. */
export interface ExchangeOptions extends ConnectionOptions, AnswerLimits {
  /** Whether the trace context is sent to the target. */
  readonly propagate: boolean;
  /** Decides what is done with the body once the headers have been read. */
  readonly bodyUse: (status: number, headers: IncomingHttpHeaders) => BodyUse;
  readonly signal: AbortSignal;
}

/**
 * Sends one request over a connection of its own and reads the answer. The connection is gone when the promise settles
 * and when the signal fires.
 * @throws HealthCheckError when the answer is not valid HTTP; else what the connection failed with
 */
export function exchange(request: WrittenRequest, options: ExchangeOptions): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    options.signal.throwIfAborted();
    new Exchange(request, options, resolve, reject);
  });
}

/** One exchange under way. */
class Exchange implements ConnectionListener {
  readonly #request: WrittenRequest;
  readonly #options: ExchangeOptions;
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #traceFields: string;
  readonly #answer: AnswerParser;
  readonly #connection: Connection;
  readonly #abort: () => void;
  #isOpen = true;

  constructor(
    request: WrittenRequest,
    options: ExchangeOptions,
    resolve: (answer: HttpAnswer) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#request = request;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#traceFields = options.propagate ? traceFields(request.head, context.active()) : "";
    this.#answer = new AnswerParser(request.method, options, this);
    this.#connection = new Connection(request.destination, options, this);
    const abort = (): void => this.#aborted(); // A variable: rules 1 and 2.
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
    if (this.#settle(failureOf(meant, (message) => message))) this.#reject(meant);
  }

  #aborted(): void {
    const { reason } = this.#options.signal;
    if (this.#settle(abortedPhase(reason))) this.#reject(reason);
  }

  #finish(): void {
    const { status, headers, body, truncated, version, bodySize } = this.#answer;
    const { certificate } = this.#connection;
    if (this.#settle()) this.#resolve({ status, headers, body, truncated, version, bodySize, certificate });
  }

  /** @returns whether it was open until now */
  #settle(failure?: PhaseFailure): boolean {
    if (!this.#isOpen) return false;
    this.#isOpen = false;
    this.#options.clock.end(failure);
    this.#options.signal.removeEventListener("abort", this.#abort);
    this.#connection.close();
    return true;
  }
}
