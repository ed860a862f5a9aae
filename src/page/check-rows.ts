import { elapsed, runDuration, wholeNumber } from "../formats/elapsed.ts";
import { pathSegment } from "../formats/endpoint-address.ts";
import type { Query } from "../formats/format.ts";
import { type Markup, markup } from "../formats/markup.ts";
import { traceAddress } from "../formats/trace-address.ts";
import { describe } from "../health/failure.ts";
import type { HistoryBucket } from "../health/history/history.ts";
import { type CheckReport, isExcused, type Report } from "../health/report.ts";
import { spanOf } from "./filter.ts";
import { historyBars, spanWords } from "./history-bars.ts";
import { maintenanceBadge } from "./maintenance.ts";
import { ago, lasting } from "./moment.ts";
import { p95, sparkline } from "./response-times.ts";
import { icon, type ShownState, stateWords } from "./states.ts";
import { checkUptime, percentage } from "./uptime.ts";

/** What rows and tiles need to know besides their check. */
export interface Surroundings {
  readonly report: Report;
  /** The start of relative links to the endpoint. */
  readonly here: string;
  readonly query: Query;
  /** By check; undefined where no history is kept. */
  readonly buckets: ReadonlyMap<string, readonly HistoryBucket[]> | undefined;
}

/** Checks as a table: a row each, and a line below it for what is wrong. */
export function checkTable(checks: readonly CheckReport[], around: Surroundings): Markup | undefined {
  if (checks.length === 0) return undefined;
  const { report, buckets, query } = around;
  const hasPast = report.past !== undefined;
  const heading = (className: string, text: string): Markup =>
    markup`<th role="columnheader" scope="col" class="${className}">${text}</th>`;
  return markup`<div class="card"><table class="rows" role="table"><thead role="rowgroup"><tr role="row">${heading("what", "Check")}${
    buckets !== undefined && heading("past", `Last ${spanWords[spanOf(query)]}`)
  }${heading("times", "Response, p95")}${hasPast && heading("uptime", "Uptime, 30 d")}${heading("since", "In this state")}</tr></thead>
<tbody role="rowgroup">${checks.map((check) => row(check, around))}</tbody></table></div>
`;
}

function row(report: CheckReport, around: Surroundings): Markup {
  const { check, state, since, failure, maintenance } = report;
  const { here, buckets, query } = around;
  const { past, createdAt: now } = around.report;
  const span = spanOf(query);
  const own = buckets?.get(check.name);
  return markup`<tr class="${state}" id="check-${pathSegment(check.name)}" role="row"><th scope="row" role="rowheader" class="what">${icon(state)}<span class="unseen">${stateWords[state]}${maintenance && ", in maintenance"}: </span><a class="name" href="${here}${pathSegment(check.name)}/"><bdi>${check.name}</bdi></a>${link(report)}</th>${
    buckets !== undefined && markup`<td class="past" role="cell">${own && historyBars(own, span, now)}</td>`
  }<td class="times" role="cell">${own && sparkline(own, span)}${p95(report, own, span)}</td>${
    past && markup`<td class="uptime" role="cell">${checkUptime(past, check.name)}</td>`
  }<td class="since" role="cell">${lasting(since, now)}</td></tr>
${(failure !== undefined || maintenance !== undefined) && detail(report, around)}`;
}

/** The address that a check watches, when one of its labels is one that a browser opens. */
function link({ check: { labels } }: CheckReport): Markup | undefined {
  const address = Object.values(labels).find((value) => /^https?:\/\/[^\s\\]+$/.test(value) && URL.canParse(value));
  if (address === undefined) return undefined;
  return markup`<a class="target" href="${address}" rel="noreferrer nofollow" title="${address}" aria-label="Open ${address}">↗</a>`;
}

/** What is wrong, in one line over the whole width. */
function detail(report: CheckReport, { report: { past, createdAt: now, traceUrl }, buckets }: Surroundings): Markup {
  const { check, state, failure, consecutiveFailures = 0, lastSuccessAt, lastRun, maintenance } = report;
  const incident = past?.incident(check.name);
  const trace = traceAddress({ traceUrl }, incident?.traceId ?? lastRun?.traceId);
  const parts = [
    incident !== undefined && `incident for ${elapsed(now - incident.startedAt)}`,
    consecutiveFailures > 1 && `${wholeNumber(consecutiveFailures)} consecutive failures`,
    failure !== undefined && lastSuccessAt !== undefined && markup`last success ${ago(lastSuccessAt, now)}`,
    trace !== undefined && failure !== undefined && markup`<a href="${trace}">trace</a>`,
  ].filter((part) => part !== false);
  const columns = 3 + (past === undefined ? 0 : 1) + (buckets === undefined ? 0 : 1);
  return markup`<tr class="detail ${state}" role="row"><td colspan="${columns}" role="cell">${
    maintenance !== undefined && markup`<span class="planned">${maintenanceBadge(maintenance)}</span> `
  }${failure && markup`<bdi class="message">${describe(failure)}</bdi>`}${
    parts.length > 0 && markup` <span class="history">${parts.map((part, index) => [index > 0 && " · ", part])}</span>`
  }</td></tr>
`;
}

/** Healthy checks as small squares with a tooltip: a thousand fit on one screen. */
export function tiles(checks: readonly CheckReport[], { here, report }: Surroundings): Markup | undefined {
  if (checks.length === 0) return undefined;
  const { past, createdAt: now } = report;
  const tile = ({ check: { name }, state, since, lastRun }: CheckReport): Markup => {
    const uptime = past?.uptime(name, "30d");
    const known = [
      `${stateWords[state]} for ${elapsed(now - since)}`,
      ...(lastRun === undefined ? [] : [runDuration(lastRun.durationSeconds)]),
      ...(uptime === undefined || uptime.knownSeconds <= 0 ? [] : [`uptime ${percentage(uptime)}`]),
    ];
    return markup`<li><a href="${here}${pathSegment(name)}/" title="${name}: ${known.join(", ")}"></a></li>`;
  };
  return markup`<ul class="card tiles healthy">${checks.map(tile)}</ul>
`;
}

/** What counts of a check's state for its endpoint. */
export function shownState(check: CheckReport, report: Report): ShownState {
  return isExcused(check, report) ? "maintenance" : check.state;
}
