import type { SpanContext } from "@opentelemetry/api";
import type { RunFailure } from "./failure.ts";
import type { HealthCheck } from "./health-check.ts";
import type { MeasuredValue } from "./measure.ts";
import type { State } from "./state.ts";

/** What one run of a check found. */
export interface Result {
  readonly check: HealthCheck;
  /** `unknown` without a failure when the run was given up or {@link inconclusive}; with one when the check says that it cannot tell. */
  readonly state: Extract<State, "healthy" | "degraded" | "unhealthy" | "unknown">;
  /**
   * Whether this process itself was blocked or suspended meanwhile, so that a failure may be its own doing, and an answer out
   * of date: the run says nothing of the check.
   */
  readonly inconclusive?: boolean;
  /** Present when the state is `degraded` or `unhealthy`, and when the check says why it is `unknown`. */
  readonly failure: RunFailure | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationSeconds: number;
  /** What the run measured, up to its end or its time-out. */
  readonly measures?: readonly MeasuredValue[];
  /** The run's span; its trace is worth looking up only when the sampled flag is set. */
  readonly spanContext: SpanContext;
}
