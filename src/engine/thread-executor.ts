import { availableParallelism } from "node:os";
import { extname } from "node:path";
import type { Piscina } from "piscina";
import { type HealthCheck, type HealthCheckClass, optionsOf } from "../health/health-check.ts";
import type { Executor } from "./executor.ts";
import { type ThreadOutcome, type ThreadTask, thrownFrom } from "./thread-task.ts";

/** Threads that block hold up only one another, so that there are more of them than processors. */
const mostThreads = Math.max(4, 2 * availableParallelism());

const idleMilliseconds = 60_000;

/**
 * Runs checks in worker threads. One that has not returned at its time-out is ended with its thread, whatever it does.
 * A thread keeps the check that it made, and with it the check's client, between the runs.
 */
export class ThreadExecutor implements Executor {
  #pool: Promise<Piscina> | undefined;

  async run(check: HealthCheck, signal: AbortSignal): Promise<void> {
    const task = taskFor(check);
    this.#pool ??= startPool();
    const pool = await this.#pool;
    const outcome: ThreadOutcome = await pool.run(task, { signal });
    if (outcome.certificateExpiresAt !== undefined) check.certificateExpiresAt = outcome.certificateExpiresAt;
    if (outcome.thrown !== undefined) throw thrownFrom(outcome.thrown);
  }

  /** Ends every thread. */
  async close(): Promise<void> {
    const pool = await this.#pool;
    await pool?.destroy();
  }
}

async function startPool(): Promise<Piscina> {
  const { Piscina } = await import("piscina");
  return new Piscina({
    filename: new URL(`./thread-worker${extname(import.meta.url)}`, import.meta.url).href,
    minThreads: 0,
    maxThreads: mostThreads,
    idleTimeout: idleMilliseconds,
  });
}

function taskFor(check: HealthCheck): ThreadTask {
  const { name, module } = check.constructor as HealthCheckClass & { readonly module?: string };
  return { type: check.type, exportName: name, module, options: { ...optionsOf(check), name: check.name } };
}
