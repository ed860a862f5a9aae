import { runDuration, wholeNumber } from "../formats/elapsed.ts";
import { pathSegment } from "../formats/endpoint-address.ts";
import { type Fragment, type Markup, markup } from "../formats/markup.ts";
import { describe } from "../health/failure.ts";
import { type CheckIdentity, type CheckReport, isExcused, type Report } from "../health/report.ts";
import { recentChanges } from "./changes.ts";
import { maintenanceBadge } from "./maintenance.ts";
import { ago, lasting } from "./moment.ts";
import { badge, icon, type ShownState, statesByUrgency } from "./states.ts";
import type { Verdict } from "./verdict.ts";

/**
 * All checks of an endpoint, the most urgent first: a table for each state.
 * @param here the start of relative links to the endpoint
 */
export function overview(report: Report, { state, sentence }: Verdict, here: string): Markup {
  const { checks, createdAt } = report;
  const tables = [...statesByUrgency, "maintenance" as const].map((each) => {
    const alike = checks.filter((check) => shownState(check, report) === each);
    return table(headings[each], alike, here, createdAt);
  });
  return markup`<section class="verdict ${state}">${icon(state)}<div><h1>${sentence}</h1>${counts(report)}</div></section>
${tables}${
  checks.length > 0 && markup`<section><h2>Recent changes</h2>${recentChanges(checks, here, createdAt)}</section>`
}`;
}

/** The heading above the checks in a state. */
const headings = {
  unhealthy: "Failing",
  degraded: "Warnings",
  unknown: "Unknown",
  skipped: "Skipped",
  healthy: "Healthy",
  maintenance: "In maintenance",
} as const satisfies Record<ShownState, string>;

/** What counts of a check's state. */
function shownState(check: CheckReport, report: Report): ShownState {
  return isExcused(check, report) ? "maintenance" : check.state;
}

/** How many checks are in each state, in words and as a bar; those in maintenance are counted apart. */
function counts(report: Report): Markup | undefined {
  const { checks } = report;
  const shown = checks.map((check) => shownState(check, report));
  const present = [...statesByUrgency, "maintenance" as const]
    .map((state) => ({ state, count: shown.filter((each) => each === state).length }))
    .filter(({ count }) => count > 0);
  // The heading already says it.
  if (present.length < 2) return undefined;
  let start = 0;
  const parts = present.map(({ state, count }) => {
    start += count;
    return markup`<rect class="${state}" x="${start - count}" width="${count}" height="1"/>`;
  });
  const words = present.map(
    ({ state, count }) => markup`<li class="${state}">${icon(state)} ${wholeNumber(count)} ${state}</li>`,
  );
  return markup`<ul class="counts">${words}</ul><svg xmlns="http://www.w3.org/2000/svg" class="proportions" viewBox="0 0 ${checks.length} 1" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>`;
}

function table(heading: string, checks: readonly CheckReport[], here: string, now: number): Markup | undefined {
  if (checks.length === 0) return undefined;
  return markup`<section><h2>${heading} <span class="count">${wholeNumber(checks.length)}</span></h2>
<div class="card"><table class="checks" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="state">State</th><th role="columnheader" scope="col">Check</th><th role="columnheader" scope="col" class="took">Duration</th><th role="columnheader" scope="col" class="ran">Last run</th><th role="columnheader" scope="col" class="since">In this state</th></tr></thead>
<tbody role="rowgroup">${checks.map((check) => row(check, here, now))}</tbody></table></div></section>
`;
}

function row(report: CheckReport, here: string, now: number): Markup {
  const { check, state, failure, since, lastRun, maintenance, ...known } = report;
  const planned = maintenance && markup`<div class="planned">${maintenanceBadge(maintenance)}</div>`;
  const details = failure && markup`<div class="message">${describe(failure)}</div>${history(known, now)}`;
  return markup`<tr class="${state}" role="row"><td class="state" role="cell">${badge(state)}</td><th scope="row" role="rowheader"><a class="name" href="${here}${pathSegment(check.name)}/"><bdi>${check.name}</bdi></a>${labels(check)}${planned}${details}</th><td class="took" role="cell">${lastRun && runDuration(lastRun.durationSeconds)}</td><td class="ran" role="cell">${lastRun && ago(lastRun.startedAt, now)}</td><td class="since" role="cell">${lasting(since, now)}</td></tr>
`;
}

function labels({ name: checkName, type, labels: values }: CheckIdentity): readonly Fragment[] {
  const shownType = type !== undefined && type !== checkName && markup`<span class="label">${type}</span>`;
  const shown = Object.entries(values).map(
    ([name, value]) => markup`<span class="label">${name} <b>${value}</b></span>`,
  );
  return [shownType, ...shown];
}

/** How long a check has been failing, when that says more than the time in its state. */
function history(
  { lastSuccessAt, consecutiveFailures = 0 }: Pick<CheckReport, "lastSuccessAt" | "consecutiveFailures">,
  now: number,
): Markup | undefined {
  const parts = [
    consecutiveFailures > 1 && `${wholeNumber(consecutiveFailures)} consecutive failures`,
    lastSuccessAt !== undefined && markup`last success ${ago(lastSuccessAt, now)}`,
  ].filter((part) => part !== false);
  if (parts.length === 0) return undefined;
  return markup`<div class="history">${parts.map((part, index) => [index > 0 && " · ", part])}</div>`;
}
