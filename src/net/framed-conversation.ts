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
  /** What was received and not yet read: so many bytes of the buffer, from the start on. What follows them is room for more. */
  #bytes: Buffer = Buffer.alloc(1024);
  #start = 0;
  #length = 0;
  #answerBytes = 0;
  #takesTurns = false;
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
      const length = lengthOf(this.#unread);
      if (length !== undefined && length > this.#maxAnswerBytes)
        throw this.#failed(answerTooLong(this.#maxAnswerBytes));
      if (length !== undefined && length <= this.#length) return this.#take(length);
      await this.#more();
    }
  }

  /**
   * Reads all that comes, as soon as it comes and until the conversation ends: for a server that goes on talking. There is no
   * promise for each frame, and what else this process has to do gets its turn after each packet.
   * @param take is given what was received, and says how many bytes of it were read. What it leaves comes again, with what
   * follows; what it reads beyond the end is passed over when it comes, however much that is.
   * @throws as {@link readFrame}, and whatever `take` throws
   */
  async readAll(take: (received: Buffer) => number): Promise<never> {
    this.#takesTurns = true;
    for (let ahead = 0; ; await this.#more()) {
      const passed = Math.min(ahead, this.#length);
      this.#drop(passed);
      ahead -= passed;
      const read = this.#length === 0 ? 0 : take(this.#unread);
      ahead += Math.max(0, read - this.#length);
      this.#drop(Math.min(read, this.#length));
      if (passed + read > 0) this.#beginAnswer();
    }
  }

  /** Sends a question, or whatever else: what comes next may again be as long as an answer may be. */
  send(data: string | Uint8Array): void {
    this.#beginAnswer();
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

  get #unread(): Buffer {
    return this.#bytes.subarray(this.#start, this.#start + this.#length);
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
    if (this.#takesTurns) {
      const socket = this.#socket.pause();
      setImmediate(() => socket.resume());
    }
    this.#makeRoom(chunk.length);
    chunk.copy(this.#bytes, this.#start + this.#length);
    this.#length += chunk.length;
    if (this.#options.clock?.phase === "first byte") this.#options.clock.begin("transfer");
    this.#wake?.();
  }

  #beginAnswer(): void {
    this.#answerBytes = this.#length;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (this.#start + needed <= this.#bytes.length) return;
    const unread = this.#bytes.subarray(this.#start, this.#start + this.#length);
    if (needed > this.#bytes.length)
      this.#bytes = Buffer.concat([unread], 2 * needed); // With room for as much again.
    else unread.copy(this.#bytes);
    this.#start = 0;
  }

  #take(length: number): Buffer {
    const frame = Buffer.from(this.#bytes.subarray(this.#start, this.#start + length));
    this.#drop(length);
    return frame;
  }

  #drop(length: number): void {
    this.#length -= length;
    this.#start = this.#length === 0 ? 0 : this.#start + length;
  }

  async #more(): Promise<void> {
    if (this.#ended !== undefined) throw this.#ended;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
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
