import type { HealthCheck } from "../health/health-check.ts";

/** Where the code of a check runs. Its span and labels are the same everywhere. */
export interface Executor {
  /**
   * Calls a check's `run`, and returns or throws what that does, once its code has let go of the place where it runs.
   * @param signal fires at the time-out: the code must then be stopped, or left alone
   */
  run(check: HealthCheck, signal: AbortSignal): Promise<void> | void;

  /**
   * Waits for a place, and prepares what the run needs. The run, its span and its time-out begin only after that.
   * @param signal ends the wait, and gives the place back if it fires before the run has begun
   * @returns what runs the check there, once; if the check cannot run there, it throws the reason
   */
  admit?(check: HealthCheck, signal: AbortSignal): Promise<Executor>;

  /** Releases what it keeps for a check that no longer runs. Never rejects, and never takes long. */
  forget?(check: HealthCheck): Promise<void>;
}

/** Runs the code in the thread of the monitor. */
export const mainThread: Executor = {
  run: (check, signal) => check.run(signal),
};
