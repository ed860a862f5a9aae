import { elapsed, runDuration, wholeNumber } from "../../formats/elapsed.ts";
import { type Fragment, type Markup, markup } from "../../formats/markup.ts";
import { traceAddress } from "../../formats/trace-address.ts";
import type { CheckReport, Report } from "../../health/report.ts";
import { ago, moment } from "../moment.ts";

/** What is known of a check besides its state, as the entries of a list. */
export function facts(report: CheckReport, whole: Report): readonly Markup[] {
  const { createdAt: now } = whole;
  const { check, failure, lastRun, lastSuccessAt, consecutiveFailures = 0, intervalMilliseconds } = report;
  const { type, labels, group = [], tags = [] } = check;
  const traceId = lastRun?.traceId;
  const known: readonly (Markup | false)[] = [
    type !== undefined && fact("Type", type),
    ...Object.entries(labels).map(([name, value]) => fact(name, markup`<bdi>${value}</bdi>`)),
    group.length > 0 && fact("Group", markup`<bdi>${group.join(" / ")}</bdi>`),
    tags.length > 0 && fact("Tags", tags.join(", ")),
    intervalMilliseconds !== undefined && fact("Interval", interval(intervalMilliseconds)),
    fact("Last run", lastRun === undefined ? "none yet" : ago(lastRun.startedAt, now)),
    lastRun !== undefined && fact("Duration", runDuration(lastRun.durationSeconds)),
    failure?.reason !== undefined && fact("Reason", failure.reason),
    consecutiveFailures > 0 && fact("Consecutive failures", wholeNumber(consecutiveFailures)),
    failure !== undefined && fact("Last success", lastSuccessAt === undefined ? "never" : moment(lastSuccessAt)),
    traceId !== undefined && fact("Trace of the last run", traceLink(traceId, whole), "wide"),
  ];
  return known.filter((one) => one !== false);
}

/** Intervals may be shorter than a second. */
function interval(milliseconds: number): string {
  return milliseconds < 1000 ? runDuration(milliseconds / 1000) : elapsed(milliseconds);
}

function traceLink(traceId: string, whole: Report): Markup {
  const address = traceAddress(whole, traceId);
  return address === undefined
    ? markup`<code>${traceId}</code>`
    : markup`<a href="${address}"><code>${traceId}</code></a>`;
}

function fact(term: string, value: Fragment, className?: "wide"): Markup {
  return markup`<div${className && markup` class="${className}"`}><dt>${term}</dt><dd>${value}</dd></div>`;
}
