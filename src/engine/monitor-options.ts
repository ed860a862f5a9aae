import type { EndpointOptions } from "../health/endpoint-options.ts";
import type { Logger } from "../health/logger.ts";
import type { CheckSource } from "../telemetry/metrics/check-gauges.ts";
import type { RunRecorder } from "../telemetry/metrics/check-instruments.ts";
import type { Executor } from "./executor.ts";
import type { RememberedCheck } from "./remembered-check.ts";

export interface MonitorOptions {
  /** What is being watched, as reports are titled. Default: `Health`. */
  readonly title?: string;
  /** Where reports say that the trace of a run can be looked at: an address with `{traceId}` in it. */
  readonly traceUrl?: string;
  /** Which checks are served under which path. Default: all of them under `/health/`. */
  readonly endpoints?: readonly EndpointOptions[];
  /** At most so many runs at once; further ones wait. Default: 500. */
  readonly concurrency?: number;
  /** Where the checks' code runs, those with `thread: true` aside. Default: here. */
  readonly executor?: Executor;
  /** What {@link HealthMonitor.remember} told before a restart. */
  readonly remembered?: readonly RememberedCheck[];
  /** Is called after each change of a check's state, and of what a check remembers. */
  readonly changed?: () => void;
  /** Is told of unexpected errors and changes of state. Default: the console, warnings and errors only. */
  readonly logger?: Logger;
  /**
   * Takes over the metrics of the checks: the server's own exporter reads them from the monitor. By default they are
   * instruments of the global meter provider, which must then be registered before the monitor is made.
   */
  readonly observe?: (source: CheckSource) => RunRecorder;
}

/** Says what must not go unnoticed, where a program has no better place for it. */
export const consoleLogger: Logger = {
  info: () => {}, // A library does not talk unasked.
  // biome-ignore lint/suspicious/noConsole: what a library has when the program that embeds it has said nothing
  warn: (details, message) => console.warn(`healthspan: ${message}`, details),
  // biome-ignore lint/suspicious/noConsole: as above
  error: (details, message) => console.error(`healthspan: ${message}`, details),
};
