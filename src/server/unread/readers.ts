import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Nobody is given up sooner for another of the same address, or of one that has as many: a client that reads has taken an
 * answer by then, or much of it.
 */
const graceMilliseconds = 5000;

interface Reader {
  readonly response: ServerResponse;
  readonly address: string;
  readonly startedAt: number;
  /** What the connection had taken of earlier answers. */
  readonly takenBefore: number;
  readonly left: () => void;
}

/**
 * Those who are being answered, as far as places or memory are short: who does not read is given up for who comes. The client
 * address with the most of them gives one up, so that no address keeps the others out.
 */
export class Readers {
  readonly #all = new Set<Reader>();

  get size(): number {
    return this.#all.size;
  }

  /**
   * Counts an answer until it is taken or cut off. Its connection has to be open.
   * @param left is called then, once
   */
  add({ socket }: IncomingMessage, response: ServerResponse, left: () => void = () => {}): void {
    const { remoteAddress: address = "" } = socket;
    const reader = { response, address, startedAt: performance.now(), takenBefore: takenFrom(response), left };
    this.#all.add(reader);
    response.once("close", () => this.#remove(reader));
  }

  /**
   * Cuts off the answer that makes the least progress, of the address that has the most once the newcomer is counted.
   * @returns false when none of that address is held up by its reader
   */
  giveUpFor({ socket }: IncomingMessage): boolean {
    const { remoteAddress: newcomer = "" } = socket;
    const counts = new Map([[newcomer, 1]]);
    for (const { address } of this.#all) counts.set(address, (counts.get(address) ?? 0) + 1);
    const most = Math.max(...counts.values());
    // Who has more than the others gives up what is too much at once: it could come anew before any time is over.
    const grace = counts.get(newcomer) === most ? graceMilliseconds : 0;
    const now = performance.now();
    let slowest: { readonly reader: Reader; readonly speed: number } | undefined;
    for (const reader of this.#all) {
      const age = now - reader.startedAt;
      if (counts.get(reader.address) !== most || age < grace || !isHeldUp(reader)) continue;
      const speed = (takenFrom(reader.response) - reader.takenBefore) / Math.max(1, age);
      if (slowest === undefined || speed < slowest.speed) slowest = { reader, speed };
    }
    if (slowest === undefined) return false;
    this.#remove(slowest.reader);
    slowest.reader.response.destroy();
    return true;
  }

  #remove(reader: Reader): void {
    if (this.#all.delete(reader)) reader.left();
  }
}

/** Whether something waits for the client to take it: what is still being made is not the client's fault. */
function isHeldUp({ response }: Reader): boolean {
  return response.writableLength > 0;
}

/** How many bytes have left for the client's connection. */
function takenFrom({ socket }: ServerResponse): number {
  return socket === null ? 0 : socket.bytesWritten - socket.writableLength;
}
