import type { ShownAnnouncement } from "./announcements/announcement.ts";
import type { Reason } from "./errors.ts";
import type { Failure } from "./failure.ts";
import type { Incident, Past } from "./history/history.ts";
import type { Maintenance } from "./maintenance/maintenance.ts";
import type { MeasuredValue } from "./measure.ts";
import type { State } from "./state.ts";

/** A named list of checks that is served under a path. */
export interface Endpoint {
  /** Begins and ends with a slash: `/health/`. */
  readonly path: string;
  /** The names of its checks, in the order in which they are shown. */
  readonly checks: readonly string[];
  /** Whether a warning makes the endpoint fail. */
  readonly degraded: "fail" | "pass";
  /** The status code of an answer when a check fails. */
  readonly failureStatus: 500 | 503;
  /** Whether a check that is in maintenance can make the endpoint fail. Default: `pass`. */
  readonly maintenance?: "fail" | "pass" | undefined;
  /** `status` gives only each check's name, state and times: no type, message, reason or label. Default: `all`. */
  readonly details?: "all" | "status" | undefined;
}

/** A change of a check's state. */
export interface Transition {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly from: State;
  readonly to: State;
  /** What is wrong since then; undefined when it became healthy. */
  readonly failure: Failure | undefined;
  /** The title of the maintenance in which it happened. */
  readonly maintenance?: string | undefined;
}

/** The trace of one measured value. */
export interface Exemplar {
  readonly traceId: string;
  readonly spanId: string;
  readonly value: number;
  /** Seconds since the epoch. */
  readonly timestampSeconds: number;
}

/** Durations in buckets whose bounds grow by a constant factor, as in a native histogram of Prometheus. */
export interface ExponentialDistribution {
  /** The bounds grow by the factor 2^(2^-schema): 9 % for 3. */
  readonly schema: number;
  /** Up to this many seconds a duration counts as zero. */
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  /** That of the first count; the bucket with the index i ends at factor^i seconds, inclusive, and begins at factor^(i-1). */
  readonly firstIndex: number;
  /** How many runs fell into each bucket; those at the ends may be empty. */
  readonly counts: ArrayLike<number>;
}

/** How long the runs with one outcome took, as a histogram. */
export interface DurationDistribution {
  /** Upper bounds in seconds, ascending, without infinity; none when only exponential buckets are kept. */
  readonly bounds: readonly number[];
  /** How many runs fell into each bucket (not cumulated); one more than bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
  /** The same durations in exponential buckets, when they are kept. */
  readonly exponential?: ExponentialDistribution | undefined;
  /** The last one of each bucket; more than there are buckets when only exponential ones are kept. */
  readonly exemplars: readonly (Exemplar | undefined)[];
}

/** What is published of a check itself. */
export interface CheckIdentity {
  readonly name: string;
  /** Undefined where it is not published. */
  readonly type?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** The groups it is shown in, the outermost first. */
  readonly group?: readonly string[] | undefined;
  /** Words to find it by. */
  readonly tags?: readonly string[] | undefined;
  /** Its tags as the label `tags` of its metrics; undefined unless that is asked for. */
  readonly tagLabel?: string | undefined;
  /** The fleet whose replicas share it; undefined when this process runs it for itself. */
  readonly fleet?: string | undefined;
}

/** What is known of a check now. */
export interface CheckReport {
  readonly check: CheckIdentity;
  readonly state: State;
  /** Present exactly when the state is not `healthy`. */
  readonly failure: Failure | undefined;
  /** Since when the state holds, in milliseconds since the epoch. */
  readonly since: number;
  /** The last run that ended; undefined before the first. */
  readonly lastRun:
    | {
        /** Milliseconds since the epoch. */
        readonly startedAt: number;
        readonly durationSeconds: number;
        /** Undefined when the trace was not sampled and cannot be looked up. */
        readonly traceId: string | undefined;
      }
    | undefined;
  /** When the last healthy run ended, in milliseconds since the epoch. */
  readonly lastSuccessAt: number | undefined;
  /** When the earliest certificate ends that the last run saw, or one before, in milliseconds since the epoch. */
  readonly certificateExpiresAt?: number | undefined;
  /** What the last run measured; none where it is not published. */
  readonly measures?: readonly MeasuredValue[] | undefined;
  /**
   * How many of the last runs failed in a row; a warning is no failure. 0 while the check is skipped, or nothing is known of it
   * now; undefined where it is not published.
   */
  readonly consecutiveFailures: number | undefined;
  /** How often it runs on its schedule; undefined when it runs only on request. */
  readonly intervalMilliseconds?: number | undefined;
  /** The last changes of state, the newest first. */
  readonly transitions: readonly Transition[];
  /** By the reason for which the runs failed; `undefined` for those that did not. Empty when none are kept. */
  readonly durations: ReadonlyMap<Reason | undefined, DurationDistribution>;
  /** The maintenance that it is in: then its state does not count. */
  readonly maintenance?: Maintenance | undefined;
}

/** What one endpoint says now. */
export interface Report {
  /** What is being watched: the service's name. */
  readonly title: string;
  /** The endpoint's path, with the check's name behind it for the report of a single check. */
  readonly path: string;
  readonly passes: boolean;
  /** The status code of the formats that use it to say whether the checks pass. */
  readonly status: 200 | 500 | 503;
  /** Whether a degraded check makes the endpoint fail. */
  readonly degraded: "fail" | "pass";
  /** Whether a check that is in maintenance can make the endpoint fail. Default: `pass`. */
  readonly maintenance?: "fail" | "pass" | undefined;
  /** When the report was made, in milliseconds since the epoch. */
  readonly createdAt: number;
  readonly checks: readonly CheckReport[];
  /** Where a trace can be looked at: an address with `{traceId}` in it. Undefined when it is not configured. */
  readonly traceUrl?: string | undefined;
  /** What was; undefined where no history is kept. */
  readonly past?: Past | undefined;
  /** What its readers are told besides, the most urgent first. Default: nothing. */
  readonly announcements?: readonly ShownAnnouncement[] | undefined;
}

/** By what an endpoint decides whether a check makes it fail. */
export type PassingRule = Pick<Endpoint, "degraded" | "maintenance">;

/** Whether a check is in maintenance, so that its state does not count for an endpoint. */
export function isExcused({ maintenance }: Pick<CheckReport, "maintenance">, rule: PassingRule): boolean {
  return maintenance !== undefined && rule.maintenance !== "fail";
}

/** Whether a check lets its endpoint pass. */
export function checkPasses(report: Pick<CheckReport, "state" | "maintenance">, rule: PassingRule): boolean {
  const { state } = report;
  return state === "healthy" || (state === "degraded" && rule.degraded === "pass") || isExcused(report, rule);
}

/** Puts what is known of an endpoint's checks together. */
export function makeReport(
  title: string,
  endpoint: Endpoint,
  reports: readonly CheckReport[],
  createdAt: number,
  traceUrl?: string,
  past?: Past,
): Report {
  const { path, degraded, maintenance, failureStatus, details } = endpoint;
  const checks = details === "status" ? reports.map(withoutDetails) : reports;
  const passes = checks.every((check) => checkPasses(check, endpoint));
  return {
    title,
    path,
    passes,
    status: passes ? 200 : failureStatus,
    degraded,
    maintenance,
    createdAt,
    checks,
    traceUrl,
    past: details === "status" ? past && withoutFailures(past) : past,
  };
}

/** The part of a report for readers who may know that something is wrong, but not what. */
function withoutDetails(report: CheckReport): CheckReport {
  const { check, failure, lastRun, transitions } = report;
  return {
    ...report,
    check: { name: check.name, labels: {}, group: check.group },
    failure: withoutMessage(report.state, failure),
    lastRun: lastRun && { ...lastRun, traceId: undefined },
    certificateExpiresAt: undefined,
    measures: undefined,
    consecutiveFailures: undefined,
    transitions: transitions.map((change) => ({ ...change, failure: withoutMessage(change.to, change.failure) })),
    durations: new Map(),
  };
}

/** The past for the same readers. */
function withoutFailures(past: Past): Past {
  return {
    uptime: (check, window) => past.uptime(check, window),
    incident: (check) => {
      const incident = past.incident(check);
      return incident && incidentWithoutFailure(incident);
    },
  };
}

/** An incident for the same readers. */
export function incidentWithoutFailure(incident: Incident): Incident {
  return { ...incident, failure: withoutMessage(incident.state, incident.failure), traceId: undefined };
}

function withoutMessage(state: State, failure: Failure | undefined): Failure | undefined {
  if (failure === undefined) return undefined;
  return { kind: `${state.charAt(0).toUpperCase()}${state.slice(1)}`, message: "" };
}
