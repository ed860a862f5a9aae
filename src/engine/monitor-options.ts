import type { AnnouncementBoard } from "../health/announcements/announcement-board.ts";
import type { EndpointOptions } from "../health/endpoint-options.ts";
import type { History } from "../health/history/history.ts";
import type { Observation } from "../health/history/observation.ts";
import type { Logger } from "../health/logger.ts";
import type { MaintenanceCalendar } from "../health/maintenance/calendar.ts";
import type { CheckSource } from "../telemetry/metrics/check-gauges.ts";
import type { RunRecorder } from "../telemetry/metrics/check-instruments.ts";
import type { HistogramKind } from "../telemetry/metrics/histogram-shape.ts";
import type { Executor } from "./executor.ts";
import type { HistoryKeeper } from "./history-keeper.ts";
import type { RememberedCheck } from "./remembered-check.ts";
import type { Sharing } from "./sharing/sharing.ts";

export interface MonitorOptions {
  /** What is being watched: the title of reports. Default: `Health`. */
  readonly title?: string;
  /** Where the trace of a run can be looked at: an address with `{traceId}` in it, for the links in reports. */
  readonly traceUrl?: string;
  /** Which checks are served under which path. Default: all of them under `/health/`. */
  readonly endpoints?: readonly EndpointOptions[];
  /** Maximum number of concurrent runs; further ones wait. Default: 500. */
  readonly concurrency?: number;
  /** Where the checks' code runs, except for those with `thread: true`. Default: in this thread. */
  readonly executor?: Executor;
  /** What {@link HealthMonitor.remember} returned before a restart. Default: what {@link history} kept, if it keeps that. */
  readonly remembered?: readonly RememberedCheck[];
  /** Called with the name of a check after each change of its state, and of what it remembers. */
  readonly changed?: (check: string) => void;
  /**
   * Called after each run and each skip with what is known from then on, also with what other replicas have found. It must return at
   * once, and must not throw.
   */
  readonly observed?: (observation: Observation) => void;
  /** What was, for reports: what `openHistory` returned, or what keeps it elsewhere. Default: no history is shown. */
  readonly history?: History | HistoryKeeper;
  /** When which checks are in maintenance. Default: never. */
  readonly maintenance?: MaintenanceCalendar;
  /** Shares the checks with other replicas: the fleet. Default: all of them run here. */
  readonly sharing?: Sharing;
  /** What readers are told besides the states of checks. Default: nothing. */
  readonly announcements?: Pick<AnnouncementBoard, "on">;
  /** Logs unexpected errors and changes of state. Default: the console, warnings and errors only. */
  readonly logger?: Logger;
  /**
   * How the durations of runs are counted: in the buckets of {@link buckets}, in exponential ones, in both, or not at all.
   * Exponential ones are read from reports; of the global meter provider's histogram its own views decide. Default: `classic`.
   */
  readonly histogram?: HistogramKind;
  /** Upper bounds of the classic buckets in seconds, ascending, at most 50. Default: from a millisecond to half a minute. */
  readonly buckets?: readonly number[];
  /** Whether the tags of each check are the label `tags` of its metrics, as `,eu,prod,`. Default: no. */
  readonly tagLabels?: boolean;
  /**
   * Takes over the metrics of the checks: the server's own exporter reads them from the monitor. By default they are
   * instruments of the global meter provider, which must then be registered before the monitor is constructed.
   */
  readonly observe?: (source: CheckSource) => RunRecorder;
}

/** Where a program that sets no logger sees what must not go unnoticed. */
export const consoleLogger: Logger = {
  info: () => {}, // A library does not print unasked.
  // biome-ignore lint/suspicious/noConsole: what a library has when the program that embeds it has said nothing
  warn: (details, message) => console.warn(`healthspan: ${message}`, details),
  // biome-ignore lint/suspicious/noConsole: as above
  error: (details, message) => console.error(`healthspan: ${message}`, details),
};
