import type { Failure } from "../failure.ts";
import type { MeasuredValue } from "../measure.ts";
import type { CheckIdentity, Transition } from "../report.ts";
import type { State } from "../state.ts";

/** What the monitor has just learnt of a check, for those who keep its history or tell others. */
export interface Observation {
  readonly check: CheckIdentity;
  /** From now on, until the next observation. */
  readonly state: State;
  /** Since when the state holds, where another process may have found that before, in milliseconds since the epoch. */
  readonly since?: number | undefined;
  /** What is wrong; undefined when it is healthy. */
  readonly failure?: Failure | undefined;
  /** When, in milliseconds since the epoch. */
  readonly at: number;
  /**
   * When the state becomes unknown unless another observation comes, in milliseconds since the epoch; undefined for a check
   * that runs only on request.
   */
  readonly trustedUntil: number | undefined;
  /** The run that has ended; undefined when there was none, because the check was skipped. */
  readonly run: ObservedRun | undefined;
  /** The change of state, if it is one. */
  readonly transition: Transition | undefined;
}

/** What of a run is counted. */
export interface ObservedRun {
  readonly durationSeconds: number;
  /** Whether it found something wrong: degraded or unhealthy. */
  readonly failed: boolean;
  /** What it measured; none when absent. */
  readonly measures?: readonly MeasuredValue[] | undefined;
  /** Undefined when the trace was not sampled and cannot be looked up. */
  readonly traceId: string | undefined;
}
