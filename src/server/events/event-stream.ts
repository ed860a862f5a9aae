import { Readable } from "node:stream";

/** A reader that has this many bytes waiting for it does not read. */
const maxWaitingBytes = 1024 * 1024;

/**
 * The events that one client gets. It counts from the moment on at which somebody reads it: an answer that is never sent, because
 * its client has gone, leaves nothing behind.
 */
export class EventStream extends Readable {
  readonly #begun: (stream: EventStream) => void;
  #hasBegun = false;
  /** When something was sent last, on the monotonic clock. */
  sentAt = performance.now();

  /** @param begun is called when it is read for the first time */
  constructor(begun: (stream: EventStream) => void) {
    super({ highWaterMark: maxWaitingBytes });
    this.#begun = begun;
  }

  /** What is sent comes when it happens, not when it is asked for. */
  override _read(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#begun(this);
  }

  /** Sends events, or drops a client that does not read them. */
  send(text: string): void {
    if (text === "" || this.destroyed || this.readableEnded) return;
    this.sentAt = performance.now();
    this.push(text);
    if (this.readableLength > maxWaitingBytes) this.destroy();
  }

  /** Ends it in order: the client comes again, if it likes. */
  end(): void {
    if (!this.destroyed) this.push(null);
  }
}
