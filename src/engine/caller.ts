import type { Context, SpanContext } from "@opentelemetry/api";
import type { CheckReport } from "../health/report.ts";
import type { Executor } from "./executor.ts";

/** How a caller of {@link HealthMonitor.report} takes part in the runs it causes. */
export interface Caller {
  /** The context whose span becomes the parent of the runs that are started. Default: none. */
  readonly context?: Context | undefined;
  /** Where the code of the checks that it starts runs. Default: where the monitor says. */
  readonly executor?: Executor | undefined;
  /** Is told of each run that was already under way and whose result the caller shares. */
  readonly joined?: (run: SpanContext) => void;
  /** The {@link HealthMonitor.version} whose results are old already. Default: the present one. */
  readonly since?: number;
  /** Is told of each check as its result is there, when it had to run. */
  readonly renewed?: (report: CheckReport) => void;
}
