import { availableParallelism } from "node:os";
import { z } from "zod";
import type { HealthCheck, HealthCheckClass } from "../../health/health-check.ts";
import type { Logger } from "../../health/logger.ts";
import { threadIssue } from "../../health/thread-place.ts";
import { within } from "../../health/time/within.ts";
import { objectWith, validateOptions } from "../../health/validate-options.ts";
import { ConcurrencyLimit } from "../concurrency-limit.ts";
import { type Executor, mainThread } from "../executor.ts";
import { consoleLogger } from "../monitor-options.ts";
import { CheckThread, ThreadLostError } from "./check-thread.ts";

/** Threads mostly wait, so there are more of them than processors. */
const defaultThreads = Math.max(4, 2 * availableParallelism());

/** A thread that was idle for this long is ended. */
const idleMilliseconds = 60_000;

const maxCloseMilliseconds = 2000;

/** How long the end of the program waits for what the checks keep open, and then for the threads to end. */
const maxLastCloseMilliseconds = 500;

/** How checks run in threads. */
export interface ThreadExecutorOptions {
  /** Maximum number of threads, each running one check at a time. Default: twice the number of processors, at least 4. */
  readonly threads?: number;
  /** Logs what ends a thread without a check's run being to blame. Default: the console. */
  readonly logger?: Logger;
}

const optionFields = z.strictObject({
  threads: z.int().min(1).max(10_000).optional(),
  logger: objectWith<Logger>("a logger", "info", "warn", "error").optional(),
});

/** A thread that one run has to itself. */
interface Place {
  thread: CheckThread;
  readonly leave: () => void;
}

/**
 * Runs checks in worker threads, one at a time in each. A check that has not returned at its time-out is ended with its thread,
 * whatever it is doing. Between runs a thread keeps the checks that it has constructed, and with them their clients.
 */
export class ThreadExecutor implements Executor {
  readonly #logger: Logger;
  readonly #places: ConcurrencyLimit;
  /** Where checks that had to be ended last time wait first, so that there are always threads for the others. */
  readonly #placesOfHanging: ConcurrencyLimit;
  readonly #hanging = new WeakSet<HealthCheck>();
  readonly #threads = new Set<CheckThread>();
  /** Those that wait for a run, with the timer that ends them when none comes. The last used is the last. */
  readonly #free = new Map<CheckThread, NodeJS.Timeout>();
  /** Those that keep something that could not be closed, and end after the run under way. */
  readonly #worn = new WeakSet<CheckThread>();
  #closed = false;

  /** @throws InvalidOptionsError that names each wrong option and what is allowed */
  constructor(options: ThreadExecutorOptions = {}) {
    const { threads = defaultThreads, logger = consoleLogger } = validateOptions(
      "ThreadExecutor",
      optionFields,
      options,
    );
    this.#logger = logger;
    this.#places = new ConcurrencyLimit(threads);
    this.#placesOfHanging = new ConcurrencyLimit(Math.max(1, Math.floor(threads / 2)));
  }

  async run(check: HealthCheck, signal: AbortSignal): Promise<void> {
    const admitted = await this.admit(check, signal);
    await admitted.run(check, signal);
  }

  /** Waits until a thread is free, has started and has loaded the check. None of that counts towards the time-out. */
  async admit(check: HealthCheck, signal: AbortSignal): Promise<Executor> {
    const Check = check.constructor as HealthCheckClass;
    if (Check.mainThreadOnly !== undefined) return mainThread;
    const issue = threadIssue(Check);
    if (issue !== undefined) return failing(new TypeError(`${Check.name}: thread: ${issue}`));
    const leave = await this.#enter(check);
    let thread: CheckThread;
    try {
      signal.throwIfAborted();
      thread = await this.#load(check);
    } catch (error) {
      leave();
      signal.throwIfAborted();
      return failing(error);
    }
    const place = { thread, leave };
    if (signal.aborted) {
      this.#vacate(place);
      await this.forget(check);
      signal.throwIfAborted();
    }
    const giveBack = (): void => this.#vacate(place);
    signal.addEventListener("abort", giveBack, { once: true });
    return {
      run: (_check, runSignal) => {
        signal.removeEventListener("abort", giveBack);
        return this.#runAt(place, check, runSignal).catch((error: unknown) => Promise.reject(causeOf(error)));
      },
    };
  }

  async forget(check: HealthCheck): Promise<void> {
    const keepers = [...this.#threads].filter((thread) => thread.has(check));
    await Promise.all(
      keepers.map(async (thread) => {
        const closed = await thread.close(check, maxCloseMilliseconds);
        if (closed) return;
        if (this.#free.has(thread)) await this.#retire(thread);
        else this.#worn.add(thread);
      }),
    );
  }

  /** Closes every check in the threads, and ends the threads. One that a native call holds up is abandoned. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(
      [...this.#threads].map(async (thread) => {
        await Promise.all(thread.checks.map((check) => thread.close(check, maxLastCloseMilliseconds)));
        this.#remove(thread);
        await within(maxLastCloseMilliseconds, thread.exited, () => {});
      }),
    );
  }

  /** @returns what gives the place back, and may be called several times */
  async #enter(check: HealthCheck): Promise<() => void> {
    const concurrencyLimits = this.#hanging.has(check) ? [this.#placesOfHanging, this.#places] : [this.#places];
    for (const concurrencyLimit of concurrencyLimits)
      await new Promise<void>((resolve) => concurrencyLimit.enter(resolve));
    return () => {
      for (const concurrencyLimit of concurrencyLimits.splice(0)) concurrencyLimit.leave();
    };
  }

  /** Takes a free thread or starts one, and loads the check there. A thread that was lost is replaced once. */
  async #load(check: HealthCheck, mayTryAgain = true): Promise<CheckThread> {
    const thread = this.#takeFree(check) ?? (await this.#start());
    try {
      await thread.load(check);
      return thread;
    } catch (error) {
      if (thread.ended) this.#remove(thread);
      else this.#release(thread);
      if (error instanceof ThreadLostError && mayTryAgain) return this.#load(check, false);
      throw causeOf(error);
    }
  }

  /**
   * Runs a check, and runs it again if its thread was lost to an uncaught error: another check may have left behind what threw
   * it. In a new thread, where the check is alone, it is to blame itself.
   */
  async #runAt(place: Place, check: HealthCheck, signal: AbortSignal): Promise<void> {
    try {
      await this.#runIn(place.thread, check, signal);
    } catch (error) {
      if (!(error instanceof ThreadLostError) || signal.aborted) throw error;
      this.#remove(place.thread);
      place.thread = await this.#start();
      await place.thread.load(check);
      signal.throwIfAborted();
      await this.#runIn(place.thread, check, signal);
    } finally {
      this.#vacate(place);
      if (place.thread.ended) await place.thread.exited;
    }
  }

  async #runIn(thread: CheckThread, check: HealthCheck, signal: AbortSignal): Promise<void> {
    try {
      await thread.run(check, signal);
      this.#hanging.delete(check);
    } catch (error) {
      if (error instanceof ThreadLostError && signal.aborted) this.#hanging.add(check);
      else this.#hanging.delete(check);
      throw error;
    }
  }

  async #start(): Promise<CheckThread> {
    const thread = await CheckThread.start(this.#logger);
    if (this.#closed) throw new Error("the executor is closed");
    this.#threads.add(thread);
    return thread;
  }

  /** Preferably a thread that has loaded the check, so that it has few clients; else the last used, so that others may end. */
  #takeFree(check: HealthCheck): CheckThread | undefined {
    for (const thread of this.#free.keys()) if (thread.ended) this.#remove(thread);
    const free = [...this.#free.keys()];
    const thread = free.find((one) => one.has(check)) ?? free.at(-1);
    if (thread === undefined) return undefined;
    clearTimeout(this.#free.get(thread));
    this.#free.delete(thread);
    return thread;
  }

  #vacate({ thread, leave }: Place): void {
    if (thread.ended) this.#remove(thread);
    else this.#release(thread);
    leave();
  }

  #release(thread: CheckThread): void {
    if (this.#free.has(thread) || !this.#threads.has(thread)) return;
    if (this.#worn.has(thread)) void this.#retire(thread);
    else this.#free.set(thread, setTimeout(() => void this.#retire(thread), idleMilliseconds).unref());
  }

  /** Ends a free thread once its checks are closed. */
  async #retire(thread: CheckThread): Promise<void> {
    clearTimeout(this.#free.get(thread));
    this.#free.delete(thread);
    await Promise.all(thread.checks.map((check) => thread.close(check, maxCloseMilliseconds)));
    this.#remove(thread);
  }

  #remove(thread: CheckThread): void {
    clearTimeout(this.#free.get(thread));
    this.#free.delete(thread);
    this.#threads.delete(thread);
    thread.end();
  }
}

/** Throws at each run why there cannot be one. */
function failing(error: unknown): Executor {
  return {
    run() {
      throw error;
    },
  };
}

/** What ended a thread says more than the fact that it ended. */
function causeOf(error: unknown): unknown {
  return error instanceof ThreadLostError ? error.cause : error;
}
