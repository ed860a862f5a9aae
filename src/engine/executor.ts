import type { HealthCheck } from "../health/health-check.ts";

/** Where the code of a check runs. Its span and its labels are the same everywhere. */
export interface Executor {
  /**
   * Runs a check's `run`, and returns or throws what that does.
   * @param signal fires at the time-out: the code must then be stopped, or be left alone
   */
  run(check: HealthCheck, signal: AbortSignal): Promise<void> | void;
}

/** Runs the code here, where the monitor runs. */
export const mainThread: Executor = {
  run: (check, signal) => check.run(signal),
};
