import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Flush, FromThread, Opened, Question, StoreLocation, ToThread } from "../thread/messages.ts";

/** How long an answer is waited for: a disk may hang, and with it the thread. */
const answerMilliseconds = 5000;

const worker = new URL(`../thread/worker${extname(import.meta.url)}`, import.meta.url);

/** What the thread says unasked. */
export interface StoreListener {
  readonly opened: (opened: Opened) => void;
  readonly uptimes: (numbers: Float64Array) => void;
  /** What was told to it is lost. */
  readonly forgot: () => void;
  readonly log: (level: "info" | "warn", message: string, error: string | undefined) => void;
  /** It has ended although nobody wanted that. */
  readonly lost: (error: Error) => void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Speaks with the thread in which the database is. It keeps the program running only while an answer is waited for. */
export class StoreClient {
  readonly #thread: Worker;
  readonly #listener: StoreListener;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #unwritten = 0;
  #ended = false;

  constructor(location: StoreLocation, listener: StoreListener) {
    this.#listener = listener;
    const execArgv = ["--disable-warning=ExperimentalWarning"]; // Which Node.js gives of SQLite.
    this.#thread = new Worker(worker, { workerData: location, execArgv, name: "healthspan store" });
    this.#thread.unref();
    this.#thread.on("message", (message: FromThread) => this.#take(message));
    this.#thread.on("error", (error) => this.#lose(error));
    this.#thread.on("exit", () => this.#lose(new Error("the thread of the store has ended")));
  }

  /** Whether it has not yet written everything that it was told. */
  get isBehind(): boolean {
    return this.#unwritten > 0;
  }

  /** Tells what has happened. The events are handed over. */
  tell(flush: Flush): void {
    if (this.#ended) return;
    this.#unwritten += 1;
    this.#post(flush, [flush.events.buffer as ArrayBuffer]);
  }

  /** @throws Error (rejects) when it cannot be answered, or is not answered in time */
  ask(question: Question, milliseconds = answerMilliseconds): Promise<unknown> {
    if (this.#ended) return Promise.reject(new Error("the store is closed"));
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#asked += 1;
    const number = this.#asked;
    const timer = setTimeout(() => {
      this.#settle(number)?.reject(new Error(`the store has not answered for ${milliseconds / 1000} seconds`));
    }, milliseconds);
    this.#waiting.set(number, { resolve, reject, timer });
    this.#thread.ref();
    this.#post({ kind: "ask", number, question });
    return promise;
  }

  /** Ends the thread, whatever it is doing. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#thread.terminate();
  }

  /** Keeps the program running until it is undone: somebody waits for what the thread says unasked. */
  hold(): void {
    this.#thread.ref();
  }

  release(): void {
    if (this.#waiting.size === 0) this.#thread.unref();
  }

  #post(message: ToThread, transfer: readonly ArrayBuffer[] = []): void {
    this.#thread.postMessage(message, transfer);
  }

  #take(message: FromThread): void {
    switch (message.kind) {
      case "opened":
        this.#listener.opened(message);
        break;
      case "flushed":
        this.#unwritten -= 1;
        break;
      case "uptimes":
        this.#listener.uptimes(message.numbers);
        break;
      case "answer":
        this.#settle(message.number)?.resolve(message.value);
        break;
      case "refusal":
        this.#settle(message.number)?.reject(new Error(message.message));
        break;
      case "forgot":
        this.#listener.forgot();
        break;
      case "log":
        this.#listener.log(message.level, message.message, message.error);
        break;
    }
  }

  #settle(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) return undefined;
    clearTimeout(waiting.timer);
    this.#waiting.delete(number);
    this.release();
    return waiting;
  }

  #lose(error: Error): void {
    const isUnexpected = !this.#ended;
    this.#ended = true;
    for (const number of [...this.#waiting.keys()]) this.#settle(number)?.reject(error);
    if (isUnexpected) this.#listener.lost(error);
  }
}
