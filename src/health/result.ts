import type { SpanContext } from "@opentelemetry/api";
import type { RunFailure } from "./failure.ts";
import type { HealthCheck } from "./health-check.ts";
import type { State } from "./state.ts";

/** What one run of a check found. */
export interface Result {
  readonly check: HealthCheck;
  /** `unknown` only when the run was given up, or was {@link inVain}. */
  readonly state: Extract<State, "healthy" | "degraded" | "unhealthy" | "unknown">;
  /**
   * Whether it failed while this process itself was blocked or suspended, so that the failure may be this process's own
   * doing and says nothing of the check.
   */
  readonly inVain?: boolean;
  /** Present exactly when the state is `degraded` or `unhealthy`. */
  readonly failure: RunFailure | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationSeconds: number;
  /** The run's span; its trace is worth looking up only when the sampled flag is set. */
  readonly spanContext: SpanContext;
}
