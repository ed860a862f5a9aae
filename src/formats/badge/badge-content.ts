import type { HistoryBucket, Past, UptimeWindow } from "../../health/history/history.ts";
import { type CheckReport, checkPasses, type Report } from "../../health/report.ts";
import type { State } from "../../health/state.ts";
import { runDuration } from "../elapsed.ts";
import { isOfSingleCheck } from "../endpoint-address.ts";
import type { Badge } from "./draw-badge.ts";

/** What a badge can tell. */
export const badgeSubjects = ["state", "uptime", "response-time"] as const;

/** One of {@link badgeSubjects}. */
export type BadgeSubject = (typeof badgeSubjects)[number];

/** What a badge is asked for. */
export interface BadgeQuestion {
  readonly of: BadgeSubject;
  readonly window: UptimeWindow;
}

/** White text on each has a contrast of at least 4.5. */
const colors = {
  healthy: "#10703a",
  degraded: "#855000",
  unhealthy: "#b0241c",
  unknown: "#4d5766",
  skipped: "#4650a6",
  maintenance: "#1f4fc4",
} as const satisfies Record<State | "maintenance", string>;

/** From the most to the least urgent. */
const urgency = ["unhealthy", "degraded", "unknown", "skipped", "maintenance", "healthy"] as const;

const windowWords = { "24h": "24 h", "7d": "7 d", "30d": "30 d" } as const satisfies Record<UptimeWindow, string>;

/** From this share of time on, uptime is shown as good, and as moderate; less is bad. */
const goodUptime = 0.999;
const moderateUptime = 0.99;

/**
 * What the badge of an endpoint or of a check says.
 * @param buckets of the window, by the name of the check; undefined where no history is kept
 */
export function badgeContent(
  report: Report,
  question: BadgeQuestion,
  buckets: ReadonlyMap<string, readonly HistoryBucket[]> | undefined,
): Badge {
  const label = (isOfSingleCheck(report) ? report.checks[0]?.check.name : undefined) ?? report.title;
  const content = contentOf(report, question, buckets);
  return { label, isError: false, ...content, title: `${label}: ${content.title}` };
}

/** What a badge says of an address that is not understood. It repeats none of it: the text would seem to be the service's own. */
export function wrongBadge({ title }: Report, parameter: "of" | "window", allowed: readonly string[]): Badge {
  const message = `${parameter} must be ${allowed.slice(0, -1).join(", ")} or ${allowed.at(-1)}`;
  return { label: title, message, color: colors.unknown, title: message, isError: true };
}

type Content = Omit<Badge, "label" | "isError"> & { readonly isError?: boolean };

function contentOf(
  report: Report,
  { of, window }: BadgeQuestion,
  buckets: ReadonlyMap<string, readonly HistoryBucket[]> | undefined,
): Content {
  switch (of) {
    case "state":
      return ofState(report);
    case "uptime":
      return ofUptime(report, window);
    case "response-time":
      return ofResponseTime(report, window, buckets);
  }
}

function ofState(report: Report): Content {
  const { checks } = report;
  const found = new Set(checks.map(({ state, maintenance }) => (maintenance === undefined ? state : "maintenance")));
  const state = urgency.find((each) => found.has(each));
  if (state === undefined) return { message: "no checks", color: colors.unknown, title: "it has no checks" };
  const isError = state !== "maintenance" && !checkPasses({ state }, report);
  return { message: state, color: colors[state], title: state, isError };
}

function ofUptime({ checks, past }: Report, window: UptimeWindow): Content {
  const uptime = sharedUptime(checks, past, window);
  const within = `in ${windowWords[window]}`;
  if (uptime === undefined) {
    return { message: "no history", color: colors.unknown, title: `no uptime is known ${within}` };
  }
  const state = uptime >= goodUptime ? "healthy" : uptime >= moderateUptime ? "degraded" : "unhealthy";
  const share = percentage(uptime);
  return { message: `${share} ${within}`, color: colors[state], title: `uptime ${share} ${within}` };
}

/** The share of the known time in which the checks were available, all of their times together. */
function sharedUptime(
  checks: readonly CheckReport[],
  past: Past | undefined,
  window: UptimeWindow,
): number | undefined {
  let [available, known] = [0, 0];
  for (const { check } of checks) {
    const uptime = past?.uptime(check.name, window);
    available += uptime?.availableSeconds ?? 0;
    known += uptime?.knownSeconds ?? 0;
  }
  return known === 0 ? undefined : available / known;
}

/** Rounded down: what was ever down has not been up for 100 %. */
function percentage(share: number): string {
  return `${Number((Math.floor(share * 10_000 + 1e-7) / 100).toFixed(2))} %`;
}

/** The checks of an endpoint run side by side: it is as fast as its slowest one. */
function ofResponseTime(
  { checks }: Report,
  window: UptimeWindow,
  buckets: ReadonlyMap<string, readonly HistoryBucket[]> | undefined,
): Content {
  const times = checks.flatMap(({ check, lastRun }) => {
    return typicalSeconds(buckets?.get(check.name) ?? []) ?? lastRun?.durationSeconds ?? [];
  });
  if (times.length === 0) return { message: "no runs", color: colors.unknown, title: "nothing has run yet" };
  const time = runDuration(Math.max(...times));
  const when = buckets === undefined ? "in the last run" : `in ${windowWords[window]}`;
  return { message: time, color: colors.healthy, title: `response time ${time} ${when}` };
}

/** The median of the buckets' medians, each as often as it had runs. */
function typicalSeconds(buckets: readonly HistoryBucket[]): number | undefined {
  const medians = buckets
    .flatMap(({ p50, runs }) => (p50 === undefined ? [] : [{ p50, runs }]))
    .sort((one, other) => one.p50 - other.p50);
  let left = medians.reduce((sum, { runs }) => sum + runs, 0) / 2;
  return medians.find(({ runs }) => {
    left -= runs;
    return left <= 0;
  })?.p50;
}
