import { Readable } from "node:stream";
import type { Context } from "koa";
import { refusal } from "../answer.ts";
import { answerWith } from "../koa-context.ts";
import { Readers } from "./readers.ts";

/** How many bytes of bodies may wait for their readers, apart from a single one that is larger. */
const defaultMaxBytes = 64 * 1024 * 1024;

/** A shorter body is not counted: all connections together could not hold much of such. */
const leastBytes = 16 * 1024;

/** A longer body is handed to the connection in parts of this length, so that it can be seen how much its reader takes. */
const partBytes = 256 * 1024;

/**
 * Bounds the memory of long answers that nobody reads: each holds on to its rendering for as long as its client likes, and
 * every moment brings another one. A body that many read is there only once, and counts once.
 */
export class UnreadBodies {
  readonly #maxBytes: number;
  readonly #readers = new Readers();
  readonly #readersByBody = new Map<Buffer, number>();
  #bytes = 0;

  constructor(maxBytes = defaultMaxBytes) {
    this.#maxBytes = maxBytes;
  }

  /** Counts an answer that is about to be sent, or puts a refusal in its place. Short answers are not counted. */
  hold(ctx: Context): void {
    const { body, req, res, method } = ctx;
    if (!Buffer.isBuffer(body) || body.length < leastBytes || method === "HEAD" || res.closed) return;
    if (!this.#makeRoomFor(body, ctx)) {
      for (const name of res.getHeaderNames()) res.removeHeader(name);
      answerWith(ctx, refusal(503, "Others do not read what they asked for. Ask again later.", { "Retry-After": "1" }));
      return;
    }
    const before = this.#readersByBody.get(body) ?? 0;
    if (before === 0) this.#bytes += body.length;
    this.#readersByBody.set(body, before + 1);
    this.#readers.add(req, res, () => this.#release(body));
    if (body.length <= partBytes) return;
    ctx.body = Readable.from(partsOf(body), { objectMode: false });
    ctx.length = body.length;
  }

  #makeRoomFor(body: Buffer, { req }: Context): boolean {
    if (this.#readersByBody.has(body)) return true;
    while (this.#bytes > 0 && this.#bytes + body.length > this.#maxBytes) {
      if (!this.#readers.giveUpFor(req)) return false;
    }
    return true;
  }

  #release(body: Buffer): void {
    const left = (this.#readersByBody.get(body) ?? 0) - 1;
    if (left > 0) {
      this.#readersByBody.set(body, left);
    } else {
      this.#readersByBody.delete(body);
      this.#bytes -= body.length;
    }
  }
}

function* partsOf(body: Buffer): Generator<Buffer, void> {
  for (let start = 0; start < body.length; start += partBytes) yield body.subarray(start, start + partBytes);
}
