import { ServiceReturnedUnexpectedResult, ServiceUnavailable, ServiceWarning } from "../../health/errors.ts";
import { Duration } from "../../health/time/duration.ts";
import type { QueueName, QueueState } from "./queue-state.ts";

/** What a check demands of a queue. */
export interface QueueLimits {
  readonly minWorkers: number;
  readonly maxWaiting?: number | undefined;
  readonly maxJobAge?: Duration | undefined;
  readonly maxFailed?: number | undefined;
}

/**
 * What is wrong with a queue, the worst first; undefined when nothing is.
 * @param workers undefined when nobody wants to know
 */
export function queueFailure(
  { queue, prefix }: QueueName,
  state: QueueState,
  workers: number | undefined,
  { minWorkers, maxWaiting, maxJobAge, maxFailed }: QueueLimits,
): Error | undefined {
  if (!state.exists) {
    const message = `there is no queue ${queue} with the prefix ${prefix}: nobody has made it yet`;
    return new ServiceReturnedUnexpectedResult(message, { reason: "assertion" });
  }
  if (workers === 0) return new ServiceUnavailable(`no worker takes jobs from ${queue}`);
  if (state.isPaused)
    return new ServiceWarning(`${queue} is paused: no worker takes jobs from it`, { reason: "unavailable" });
  if (workers !== undefined && workers < minWorkers) {
    const found = workers === 1 ? "1 worker takes" : `${workers} workers take`;
    return new ServiceWarning(`${found} jobs from ${queue}, expected at least ${minWorkers}`);
  }
  const { waiting, failed, oldestSeconds } = state;
  if (maxJobAge !== undefined && oldestSeconds > maxJobAge.seconds) {
    const age = new Duration(Math.floor(oldestSeconds) * 1000);
    return new ServiceWarning(`a job in ${queue} has been waiting for ${age}, expected at most ${maxJobAge}`);
  }
  if (maxWaiting !== undefined && waiting > maxWaiting) {
    return new ServiceWarning(
      `${waiting === 1 ? "1 job waits" : `${waiting} jobs wait`} in ${queue}, expected at most ${maxWaiting}`,
    );
  }
  if (maxFailed !== undefined && failed > maxFailed) {
    return new ServiceWarning(
      `${failed === 1 ? "1 job" : `${failed} jobs`} of ${queue} failed, expected at most ${maxFailed}`,
    );
  }
  return undefined;
}
