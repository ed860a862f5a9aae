import { runDuration, wholeNumber } from "../../formats/elapsed.ts";
import { type Fragment, type Markup, markup } from "../../formats/markup.ts";
import { traceAddress } from "../../formats/trace-address.ts";
import { describe } from "../../health/failure.ts";
import type { CheckReport, Report } from "../../health/report.ts";
import { changesOfCheck } from "../changes.ts";
import { durations } from "../durations.ts";
import { measuredValues } from "../measured-values.ts";
import { ago, moment, momentAndAgo } from "../moment.ts";
import { icon } from "../states.ts";
import type { Verdict } from "../verdict.ts";

/** The page of one check, the only one in the report `whole`. */
export function checkPage(report: CheckReport, { state, sentence }: Verdict, whole: Report): Markup {
  const { createdAt: now } = whole;
  const { check, failure, since, transitions } = report;
  return markup`<section class="verdict ${state}">${icon(state)}<div><h1><bdi>${check.name}</bdi> ${sentence}</h1>${
    failure && markup`<p class="message">${describe(failure)}</p>`
  }<p class="when">Since ${momentAndAgo(since, now)}</p></div></section>
<section><h2>Details</h2><dl class="card facts">${facts(report, whole)}</dl></section>
${measuredValues(report)}<section><h2>Changes</h2>${changesOfCheck(transitions, now)}</section>
${durations(report)}`;
}

function facts(report: CheckReport, whole: Report): readonly Markup[] {
  const { createdAt: now } = whole;
  const { check, failure, lastRun, lastSuccessAt, consecutiveFailures = 0 } = report;
  const traceId = lastRun?.traceId;
  return [
    ...(check.type === undefined ? [] : [fact("Type", check.type)]),
    ...Object.entries(check.labels).map(([name, value]) => fact(name, value)),
    fact("Last run", lastRun === undefined ? "none yet" : ago(lastRun.startedAt, now)),
    ...(lastRun === undefined ? [] : [fact("Duration", runDuration(lastRun.durationSeconds))]),
    ...(failure?.reason === undefined ? [] : [fact("Reason", failure.reason)]),
    ...(consecutiveFailures === 0 ? [] : [fact("Consecutive failures", wholeNumber(consecutiveFailures))]),
    ...(failure === undefined
      ? []
      : [fact("Last success", lastSuccessAt === undefined ? "never" : moment(lastSuccessAt))]),
    ...(traceId === undefined ? [] : [fact("Trace of the last run", traceLink(traceId, whole), "wide")]),
  ];
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
