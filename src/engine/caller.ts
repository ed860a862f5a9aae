import type { Context, SpanContext } from "@opentelemetry/api";
import type { CheckReport } from "../health/report.ts";
import type { Executor } from "./executor.ts";

/** How a caller of {@link HealthMonitor.report} takes part in the runs that it causes. */
export interface Caller {
  /** The context whose span becomes the parent of the runs that it starts. Default: none. */
  readonly context?: Context | undefined;
  /** Where the code of the checks that it starts runs. Default: the monitor's executor. */
  readonly executor?: Executor | undefined;
  /** Called with the span of each run that was already under way and whose result the caller shares. */
  readonly joined?: (run: SpanContext) => void;
  /** The {@link HealthMonitor.version} whose results are already too old. Default: the current one. */
  readonly since?: number;
  /** Called with the report of each check that had to run, as soon as it has its result. */
  readonly renewed?: (report: CheckReport) => void;
}
