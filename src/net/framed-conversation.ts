import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { Attributes } from "@opentelemetry/api";
import type { HealthCheckError } from "../health/errors.ts";
import { answerTooLong } from "./answer-limit.ts";
import { certificateOf, closeSocket, startTls } from "./open-socket.ts";
import type { PhaseClock } from "./phase-clock.ts";
import { foreignProtocol, knownErrors, serverError } from "./server-errors.ts";
import { connectionFacts, tlsFacts } from "./spans/span-facts.ts";

/** How a conversation is held. */
export interface ConversationOptions {
  /** What people call the protocol: `SSH`. */
  readonly protocol: string;
  /** How many bytes may come between two questions. Default: 64 KiB. */
  readonly maxAnswerBytes?: number | undefined;
  /** Is told of the phases `first byte` and `transfer`. */
  readonly clock?: PhaseClock | undefined;
  /** Is told once that the conversation is over, unless by {@link FramedConversation.close}. */
  readonly onEnd?: ((why: Error) => void) | undefined;
}

/**
 * How long the frame is that begins what was received, in bytes; undefined while too little of it is there to tell.
 * @throws HealthCheckError when it is none: `conversation.foreign()`
 */
export type FrameLength = (received: Buffer) => number | undefined;

/**
 * A conversation over an open socket in frames: pieces with a length of their own, of which one packet may bring several, or
 * a part of one. What was not asked for is kept until it is read, or until it is too much.
 */
export class FramedConversation {
  readonly #options: ConversationOptions;
  readonly #maxAnswerBytes: number;
  #socket: Socket;
  /** What was received and not yet read: the first bytes of the buffer. The rest is room for more. */
  #bytes: Buffer = Buffer.alloc(1024);
  #length = 0;
  #answerBytes = 0;
  #ended: Error | undefined;
  #wake: (() => void) | undefined;
  readonly #receive = (chunk: Buffer): void => this.#received(chunk);
  readonly #end = (): void => this.#fail(serverError(knownErrors.closedByServer));
  readonly #break = (error: Error): void => this.#fail(error);

  /** @param socket from which nothing was read so far; the conversation closes it */
  constructor(socket: Socket, options: ConversationOptions) {
    this.#options = options;
    this.#maxAnswerBytes = options.maxAnswerBytes ?? 64 * 1024;
    this.#socket = socket;
    options.clock?.begin("first byte");
    this.#listen();
  }

  /** Whether something was received that nobody has read. */
  get hasUnread(): boolean {
    return this.#length > 0;
  }

  /** To whom the socket leads, and by which TLS, for a span. */
  get facts(): Attributes {
    return connectionFacts(this.#socket);
  }

  /** The certificate that the server has shown; undefined without TLS. */
  get certificate(): X509Certificate | undefined {
    return certificateOf(this.#socket);
  }

  /**
   * Reads the next frame. One is read at a time.
   * @throws HealthCheckError when it is too long, or the server ended the connection before its end; else what the socket
   * failed with
   */
  async readFrame(lengthOf: FrameLength): Promise<Buffer> {
    for (;;) {
      const length = lengthOf(this.#bytes.subarray(0, this.#length));
      if (length !== undefined && length > this.#maxAnswerBytes)
        throw this.#failed(answerTooLong(this.#maxAnswerBytes));
      if (length !== undefined && length <= this.#length) return this.#take(length);
      if (this.#ended !== undefined) throw this.#ended;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Sends a question, or whatever else: what comes next may again be as long as an answer may be. */
  send(data: string | Uint8Array): void {
    this.#answerBytes = this.#length;
    this.#socket.write(data);
  }

  /**
   * Speaks TLS from now on.
   * @param tls as for `startTls` of open-socket.ts
   * @throws HealthCheckError when the server has sent something already that would pass for encrypted (CVE-2011-0411); else
   * what the handshake failed with
   */
  async startTls(tls: ConnectionOptions): Promise<void> {
    if (this.hasUnread) throw this.foreign();
    if (this.#ended !== undefined) throw this.#ended;
    this.#options.clock?.begin("tls");
    const plain = this.#socket;
    plain.off("data", this.#receive).off("end", this.#end).off("close", this.#end).off("error", this.#break);
    const upper = startTls(plain, tls);
    // Before Node.js looks at the certificate, as in open-socket.ts.
    upper.prependListener("secure", () => this.#options.clock?.describe(() => tlsFacts(upper)));
    this.#socket = upper;
    this.#listen();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      upper.once("secureConnect", resolve);
    });
    if (this.#ended !== undefined) throw this.#ended;
    const version = upper.getProtocol() ?? undefined;
    this.#options.clock?.tell({ kind: "secure", version });
    this.#options.clock?.begin("transfer");
  }

  /** Ends the conversation, since what came is not of its protocol. */
  foreign(): HealthCheckError {
    return this.#failed(foreignProtocol(this.#options.protocol));
  }

  /** Lets the process end, even if the conversation goes on. */
  unref(): void {
    this.#socket.unref();
  }

  /** Closes the connection. */
  close(): void {
    this.#ended ??= new Error("the conversation was closed");
    closeSocket(this.#socket);
    this.#wake?.();
  }

  #listen(): void {
    this.#socket.on("data", this.#receive).on("end", this.#end).on("close", this.#end).on("error", this.#break);
  }

  #received(chunk: Buffer): void {
    this.#answerBytes += chunk.length;
    if (this.#answerBytes > this.#maxAnswerBytes) {
      this.#fail(answerTooLong(this.#maxAnswerBytes));
      return;
    }
    const needed = this.#length + chunk.length;
    if (needed > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * needed); // With room for as much again.
    chunk.copy(this.#bytes, this.#length);
    this.#length = needed;
    if (this.#options.clock?.phase === "first byte") this.#options.clock.begin("transfer");
    this.#wake?.();
  }

  #take(length: number): Buffer {
    const frame = Buffer.from(this.#bytes.subarray(0, length));
    this.#bytes.copyWithin(0, length, this.#length);
    this.#length -= length;
    return frame;
  }

  #failed<Failure extends Error>(error: Failure): Failure {
    this.#fail(error);
    return error;
  }

  #fail(error: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.#socket.destroy();
    this.#wake?.();
    this.#options.onEnd?.(error);
  }
}
