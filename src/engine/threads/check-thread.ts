import { extname } from "node:path";
import type { Worker } from "node:worker_threads";
import { context } from "@opentelemetry/api";
import type { Piscina } from "piscina";
import { type HealthCheck, type HealthCheckClass, optionsOf } from "../../health/health-check.ts";
import type { Logger } from "../../health/logger.ts";
import { takeMeasure } from "../../health/measure.ts";
import { redactedException } from "../../health/redacted-exception.ts";
import { within } from "../../health/time/within.ts";
import { carryTrace, recordSentTrace } from "../../telemetry/traces/sent-trace.ts";
import { announceUnclosed, tookTooLong } from "../close-check.ts";
import { sentError, type ThreadOutcome, type ThreadTask, thrownFrom } from "./thread-task.ts";

/** A module that has not been imported by then never will be. */
const maxLoadMilliseconds = 30_000;

/** A check that heeds its signal has done so by then. Any other is ended with its thread. */
const graceMilliseconds = 200;

/** The thread ended while something was going on in it. */
export class ThreadLostError extends Error {
  override readonly name = "ThreadLostError";
}

/**
 * One worker thread: a pool with a single worker, so that it is known which checks it keeps and when it has really ended. It
 * keeps each check that it loads, with its client, until the check is closed or the thread ends.
 */
export class CheckThread {
  readonly #pool: Piscina;
  readonly #logger: Logger;
  readonly #ids = new Map<HealthCheck, number>();
  /** Of every check that was ever loaded here: a closed one may have left something behind. */
  readonly #redactors = new Set<HealthCheck["redact"]>();
  readonly #exited = Promise.withResolvers<void>();
  #worker: Worker | undefined;
  #lastId = 0;
  #ended = false;
  /** The uncaught error that ended the thread. */
  #uncaught: unknown;

  static async start(logger: Logger): Promise<CheckThread> {
    const { Piscina } = await import("piscina");
    const pool = new Piscina({
      filename: new URL(`./thread-worker${extname(import.meta.url)}`, import.meta.url).href,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      // Checks run one at a time, but meanwhile a run can be aborted and another check closed.
      concurrentTasksPerWorker: Number.MAX_SAFE_INTEGER,
      // Otherwise the thread's event loop would stop between the runs, and with it the clients and timers of its checks.
      atomics: "disabled",
      recordTiming: false,
    });
    return new CheckThread(pool, logger);
  }

  private constructor(pool: Piscina, logger: Logger) {
    this.#pool = pool;
    this.#logger = logger;
    // The worker emits the same error; but without a listener here, the pool's event would end the process.
    pool.on("error", () => {});
  }

  /** Whether it was told to end, or has ended by itself. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Settles once the thread is gone, which a native call can delay indefinitely. */
  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  get checks(): readonly HealthCheck[] {
    return [...this.#ids.keys()];
  }

  has(check: HealthCheck): boolean {
    return this.#ids.has(check);
  }

  /**
   * Constructs the same check in the thread, unless it is already there.
   * @throws what its module or its class throws
   * @throws ThreadLostError when the thread ended meanwhile, or could not be started
   */
  async load(check: HealthCheck): Promise<void> {
    if (this.#ids.has(check)) return;
    const { name: exportName, module = "" } = check.constructor as HealthCheckClass;
    this.#lastId += 1;
    const id = this.#lastId;
    this.#ids.set(check, id);
    const options = { ...optionsOf(check), name: check.name };
    try {
      this.#redactors.add(check.redact);
      const loading = this.#tell({ kind: "load", id, module, exportName, options });
      const { thrown } = await within(maxLoadMilliseconds, loading, () => {
        this.end();
        throw new Error(`${module} could not be imported in a thread within ${maxLoadMilliseconds / 1000} s`);
      });
      if (thrown !== undefined) throw thrownFrom(thrown);
    } catch (error) {
      this.#ids.delete(check);
      throw error;
    }
  }

  /**
   * Runs a loaded check, and throws what it throws.
   * @param signal fires in the thread, too. A check that does not heed it is ended with the thread
   * @throws ThreadLostError when the thread ended meanwhile
   */
  async run(check: HealthCheck, signal: AbortSignal): Promise<void> {
    const id = this.#ids.get(check) ?? 0;
    const active = context.active();
    let grace: NodeJS.Timeout | undefined;
    const abort = (): void => {
      grace = setTimeout(() => this.end(), graceMilliseconds);
      const telling = this.#tell({ kind: "abort", id, reason: sentError(signal.reason) });
      telling.catch(() => {}); // The thread is lost, and the run fails because of that as well.
    };
    signal.addEventListener("abort", abort, { once: true });
    try {
      const running = this.#tell({ kind: "run", id, trace: carryTrace(active) });
      if (signal.aborted) abort();
      const { thrown, certificateExpiresAt, measures = [], trace } = await running;
      if (trace !== undefined) recordSentTrace(trace, active);
      for (const { name, value } of measures) takeMeasure(check, name, value);
      if (certificateExpiresAt !== undefined) check.certificateExpiresAt = certificateExpiresAt;
      if (thrown !== undefined) throw thrownFrom(thrown);
    } finally {
      clearTimeout(grace);
      signal.removeEventListener("abort", abort);
    }
  }

  /**
   * Lets a check close its client, and forgets it. Never rejects.
   * @returns whether it could be closed
   */
  async close(check: HealthCheck, milliseconds: number): Promise<boolean> {
    const id = this.#ids.get(check);
    if (id === undefined || this.#ended) return true;
    this.#ids.delete(check);
    try {
      const { thrown } = await within(milliseconds, this.#tell({ kind: "close", id }), tookTooLong);
      if (thrown !== undefined) throw thrownFrom(thrown);
      return true;
    } catch (error) {
      if (error instanceof ThreadLostError) return true; // And with the thread the client.
      announceUnclosed(check, this.#logger, error);
      return false;
    }
  }

  /** Ends the thread, whatever it is doing. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#worker === undefined) this.#exited.resolve();
    void this.#pool.destroy();
  }

  async #tell(task: ThreadTask): Promise<ThreadOutcome> {
    try {
      if (this.#ended) throw new Error("the thread has ended");
      const outcome: Promise<ThreadOutcome> = this.#pool.run(task);
      if (this.#worker === undefined) this.#watch(this.#pool.threads[0]);
      return await outcome;
    } catch (error) {
      if (this.#worker === undefined) this.#lose(error);
      if (!this.#ended) throw error; // The task cannot be sent to a thread.
      throw new ThreadLostError("the worker thread ended", { cause: this.#uncaught ?? error });
    }
  }

  #watch(worker: Worker | undefined): void {
    this.#worker = worker;
    worker?.on("error", (error: unknown) => this.#lose(error));
    worker?.once("exit", (code: number) => {
      if (!this.#ended) this.#lose(new Error(`a check ended its worker thread with exit code ${code}`));
      this.#exited.resolve();
    });
  }

  /** Logs what ended the thread. It may come late, when a time-out has already ended the thread. */
  #lose(error: unknown): void {
    this.#uncaught = error;
    const redact = (text: string): string => [...this.#redactors].reduce((rest, redactOne) => redactOne(rest), text);
    const details = { checks: this.checks.map(({ name }) => name), error: redactedException(error, redact) };
    this.#logger.error(details, "a worker thread ended because of an uncaught error");
    this.end();
  }
}
