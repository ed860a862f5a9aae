import type { EventEmitter } from "node:events";
import { HealthCheckError, ServiceReturnedUnexpectedResult } from "../health/errors.ts";

/**
 * What a server may send, as a generator: it yields how many bytes to advance, receives the last of them, and throws when the
 * bytes are not what a server of its protocol sends. Nothing is copied, so it does not matter how the network splits them.
 */
export type AnswerGrammar<Result = void> = Generator<number, Result, number>;

/** Answers to the questions of a check are far shorter, and client libraries keep the whole of an answer in memory. */
const usualMebibytes = 1;

/** What comes beside an answer, such as notices, is read byte by byte, which takes long. */
const maxAsideKibibytes = 256;

/**
 * Reads what a server sends before a client library does. Client libraries trust servers: a few bytes can make them wait
 * for gigabytes, reserve them at once, loop forever, or throw where nothing can catch it.
 */
export class AnswerGuard {
  readonly #grammar: AnswerGrammar<never>;
  readonly #maxMebibytes: number;
  /** How many bytes are left until the one that the grammar wants. */
  #bytesAhead: number;
  #answerBytes = 0;
  #asideBytes = 0;

  /** @param maxMebibytes how long an answer may be. Default: 1 MiB */
  constructor(grammar: (guard: AnswerGuard) => AnswerGrammar<never>, maxMebibytes = usualMebibytes) {
    this.#maxMebibytes = maxMebibytes;
    this.#grammar = grammar(this);
    this.#bytesAhead = this.#grammar.next().value;
  }

  /** Marks the end of an answer: what comes next counts as another one. */
  begin(): void {
    this.#answerBytes = 0;
    this.#asideBytes = 0;
  }

  /**
   * Refuses a length as soon as the server announces it.
   * @param bytes how many more bytes the present answer will have at least
   * @throws ServiceReturnedUnexpectedResult when that makes the answer too long
   */
  announce(bytes: number): void {
    if (this.#answerBytes + bytes <= this.#maxMebibytes * 1024 ** 2) return;
    throw new ServiceReturnedUnexpectedResult(`the answer is longer than ${this.#maxMebibytes} MiB`);
  }

  /**
   * Counts what comes beside the present answer.
   * @throws ServiceReturnedUnexpectedResult when that is too much
   */
  takeAside(bytes: number): void {
    this.#asideBytes += bytes;
    if (this.#asideBytes <= maxAsideKibibytes * 1024) return;
    throw new ServiceReturnedUnexpectedResult(`the server sends more than ${maxAsideKibibytes} KiB beside its answer`);
  }

  /**
   * Reads what came next.
   * @throws whatever the grammar throws, and ServiceReturnedUnexpectedResult when the answer is too long
   */
  take(chunk: Buffer): void {
    for (let offset = 0; offset < chunk.length; ) {
      const bytes = Math.min(this.#bytesAhead, chunk.length - offset);
      this.announce(bytes);
      this.#answerBytes += bytes;
      this.#bytesAhead -= bytes;
      offset += bytes;
      if (this.#bytesAhead > 0) return;
      this.#bytesAhead = this.#grammar.next(chunk[offset - 1] ?? 0).value;
    }
  }

  /**
   * Guards a stream: its listeners for `data` get only what was read without an error.
   * @param foreign makes the error for what a listener throws
   * @param fail ends the stream; it is given what was thrown by the guard, or by a listener that could not take the data
   */
  watch(stream: EventEmitter, foreign: (cause: unknown) => HealthCheckError, fail: (error: Error) => void): void {
    const emit = stream.emit.bind(stream);
    let failed = false;
    stream.emit = (event: string | symbol, ...values: unknown[]): boolean => {
      if (event !== "data") return emit(event, ...values);
      if (failed) return true;
      try {
        if (Buffer.isBuffer(values[0])) this.take(values[0]);
        return emit(event, ...values);
      } catch (error) {
        failed = true;
        fail(error instanceof HealthCheckError ? error : foreign(error));
        return true;
      }
    };
  }
}

/** An unsigned number, the most significant byte first. */
export function* unsigned(bytes: number): AnswerGrammar<number> {
  let value = 0;
  for (let count = 0; count < bytes; count += 1) value = value * 256 + (yield 1);
  return value;
}

/** A text that ends with a zero byte. Returns its first byte: 0 when it is empty. */
export function* zeroTerminated(): AnswerGrammar<number> {
  const first = yield 1;
  for (let byte = first; byte !== 0; ) byte = yield 1;
  return first;
}

/** Bytes of any value. */
export function* skip(bytes: number): AnswerGrammar {
  if (bytes > 0) yield bytes;
}

/** An unsigned number, the least significant byte first. */
export function* littleEndian(bytes: number): AnswerGrammar<number> {
  let value = 0;
  for (let count = 0; count < bytes; count += 1) value += (yield 1) * 256 ** count;
  return value;
}

/**
 * Holds a part of an answer to a length.
 * @param foreign makes the error for a part that is shorter or longer
 */
export function* exactly(bytes: number, part: AnswerGrammar<unknown>, foreign: () => Error): AnswerGrammar {
  if ((yield* within(bytes, part, foreign)) !== 0) throw foreign();
}

/**
 * Holds parts, of which there may be any number, to a length.
 * @param part of a byte at least
 * @param foreign makes the error when the last of them goes on
 */
export function* filled(bytes: number, part: () => AnswerGrammar<unknown>, foreign: () => Error): AnswerGrammar {
  for (let rest = bytes; rest > 0; ) rest = yield* within(rest, part(), foreign);
}

/** Reads a part that is at most so long. Returns how many bytes it has left. */
function* within(bytes: number, part: AnswerGrammar<unknown>, foreign: () => Error): AnswerGrammar<number> {
  let rest = bytes;
  for (let step = part.next(); step.done !== true; step = part.next(yield step.value)) {
    if (step.value > rest) throw foreign();
    rest -= step.value;
  }
  return rest;
}
