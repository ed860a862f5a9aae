import type { ShownAnnouncement } from "../health/announcements/announcement.ts";
import { describe } from "../health/failure.ts";
import { uptimeWindows } from "../health/history/history.ts";
import type { Maintenance } from "../health/maintenance/maintenance.ts";
import { type CheckReport, isExcused, type Report, type Transition } from "../health/report.ts";
import type { State } from "../health/state.ts";
import type { Format } from "./format.ts";
import { jsonText } from "./json-text.ts";
import { offered } from "./offered-formats.ts";
import { summaryOf } from "./summary.ts";
import { traceAddress } from "./trace-address.ts";

/** The draft's three values. A check that was skipped, or whose state is not known, does not pass: `state` tells it from a failure. */
const statuses = {
  healthy: "pass",
  degraded: "warn",
  unhealthy: "fail",
  unknown: "fail",
  skipped: "fail",
} as const satisfies Record<State, string>;

/**
 * The complete report in the form of the IETF draft "Health Check Response Format for HTTP APIs"
 * (draft-inadarei-api-health-check-06): each check is a key `NAME:responseTime`, and each number that it measured a key
 * `NAME:MEASURE`, with one object in its array. `state`, `since`, `reason`, `consecutiveFailures`, `lastSuccess`, `uptime`,
 * `traceId`, `traceUrl`, `labels`, `transitions`, `maintenance` and `announcements` are additions. A check that is not healthy but in maintenance has the
 * status `warn`: the draft has it for what is of concern and does not fail the whole.
 */
export const healthJson: Format = {
  ...offered.healthJson,
  tellsByStatus: true,
  render: (report) => {
    const { title, checks, announcements = [] } = report;
    const status = overallStatus(report);
    return jsonText({
      status,
      description: `The health of ${title}`,
      ...(status !== "pass" && { output: summaryOf(report) }),
      time: isoTime(report.createdAt),
      ...(announcements.length > 0 && { announcements: announcements.map(announced) }),
      checks: Object.fromEntries(checks.flatMap((check) => [responseTime(check, report), ...measures(check)])),
    });
  },
};

/** An announcement as JSON. */
export function announced({ id, title, text, level, from, until, checks }: ShownAnnouncement): object {
  return {
    id,
    title,
    ...(text !== "" && { text }),
    level,
    ...(from !== undefined && { from: isoTime(from) }),
    ...(until !== undefined && { until: isoTime(until) }),
    ...(checks.length > 0 && { checks }),
  };
}

/** `fail` exactly when the status code says so (section 3.1 of the draft); `warn` when it passes with a warning. */
export function overallStatus({ passes, checks }: Report): "pass" | "warn" | "fail" {
  if (!passes) return "fail";
  return checks.every(({ state }) => state === "healthy") ? "pass" : "warn";
}

type Entry = readonly [key: string, value: readonly object[]];

function responseTime(report: CheckReport, whole: Report): Entry {
  return [`${report.check.name}:responseTime`, [details(report, whole)]];
}

/** Without a status, so that nobody counts a failing check several times. */
function measures({ check, lastRun, measures: measured = [] }: CheckReport): readonly Entry[] {
  return measured.map(({ name, unit, value }) => [
    `${check.name}:${name}`,
    [
      {
        componentId: check.name,
        componentType: check.type,
        observedValue: value,
        observedUnit: unit,
        ...(lastRun && { time: isoTime(endOf(lastRun)) }),
      },
    ],
  ]);
}

/** JSON leaves out what is undefined. */
function details(report: CheckReport, whole: Report): object {
  const { check, state, failure, since, lastRun, lastSuccessAt, consecutiveFailures, transitions, maintenance } =
    report;
  const traceUrl = traceAddress(whole, lastRun?.traceId);
  return {
    componentId: check.name,
    componentType: check.type,
    ...(lastRun && { observedValue: rounded(lastRun.durationSeconds), observedUnit: "s" }),
    status: state !== "healthy" && isExcused(report, whole) ? "warn" : statuses[state],
    ...(lastRun && { time: isoTime(endOf(lastRun)) }),
    ...(failure && { output: describe(failure), reason: failure.reason }),
    state,
    since: isoTime(since),
    ...(maintenance && { maintenance: maintenanceDetails(maintenance) }),
    ...(lastSuccessAt !== undefined && { lastSuccess: isoTime(lastSuccessAt) }),
    consecutiveFailures,
    uptime: uptimeOf(check.name, whole),
    traceId: lastRun?.traceId,
    traceUrl,
    labels: check.labels,
    transitions: transitions.map(transitionDetails),
  };
}

/** For each window of which something is known: the share of the known time in which the check was available. */
function uptimeOf(check: string, { past }: Report): object | undefined {
  const windows = uptimeWindows.flatMap((window) => {
    const uptime = past?.uptime(check, window);
    if (uptime === undefined) return [];
    const { availableSeconds, knownSeconds } = uptime;
    return [[window, { ratio: rounded(availableSeconds / knownSeconds), knownSeconds: Math.round(knownSeconds) }]];
  });
  return windows.length === 0 ? undefined : Object.fromEntries(windows);
}

/** A change of state as JSON. */
export function transitionDetails({ at, from, to, failure, maintenance }: Transition): object {
  return {
    time: isoTime(at),
    from,
    to,
    ...(failure && { output: describe(failure), reason: failure.reason }),
    maintenance,
  };
}

/** Without an end, it lasts until somebody ends it. */
function maintenanceDetails({ title, startsAt, endsAt }: Maintenance): object {
  return { title, since: isoTime(startsAt), ...(endsAt !== undefined && { until: isoTime(endsAt) }) };
}

function endOf({ startedAt, durationSeconds }: NonNullable<CheckReport["lastRun"]>): number {
  return startedAt + durationSeconds * 1000;
}

/** A moment as JSON has it. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** Rounds to microseconds; further digits are noise. */
function rounded(seconds: number): number {
  return Number(seconds.toFixed(6));
}
