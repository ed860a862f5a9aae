import type { HealthCheck } from "../health/health-check.ts";

/** Where the code of a check runs. Its span and its labels are the same everywhere. */
export interface Executor {
  /**
   * Runs a check's `run`, and returns or throws what that does, not before the code has let go of where it runs.
   * @param signal fires at the time-out: the code must then be stopped, or be left alone
   */
  run(check: HealthCheck, signal: AbortSignal): Promise<void> | void;

  /**
   * Waits for room, where there may be none, and readies what the run needs. The run begins only after it, and with it the
   * span and the time-out.
   * @param signal ends the wait, and gives the room back if it fires before the run has begun
   * @returns what runs the check there, once. Why it cannot run there, that throws
   */
  admit?(check: HealthCheck, signal: AbortSignal): Promise<Executor>;

  /** Lets go of what it keeps of a check that does not run any more. Never rejects, and never takes long. */
  forget?(check: HealthCheck): Promise<void>;
}

/** Runs the code here, where the monitor runs. */
export const mainThread: Executor = {
  run: (check, signal) => check.run(signal),
};
