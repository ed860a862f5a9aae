import type { Query, RenderContext } from "../../formats/format.ts";
import { type Markup, markup } from "../../formats/markup.ts";
import type { PastWanted } from "../../formats/past-wanted.ts";
import { describe } from "../../health/failure.ts";
import type { HistoryBucket, HistorySpan } from "../../health/history/history.ts";
import type { CheckReport, Report } from "../../health/report.ts";
import { changesOfCheck } from "../changes.ts";
import { durations } from "../durations.ts";
import { spanLinks, spanOf } from "../filter.ts";
import { historyBars } from "../history-bars.ts";
import { episodeTable, incidentAnchor } from "../incidents/episode-table.ts";
import { permalinkQuery } from "../incidents/incident-pages.ts";
import { incidentsPath } from "../incidents/incidents-path.ts";
import { maintenanceBadge } from "../maintenance.ts";
import { momentAndAgo } from "../moment.ts";
import { icon } from "../states.ts";
import type { Verdict } from "../verdict.ts";
import { certificateEnd } from "./certificate-end.ts";
import { facts } from "./facts.ts";
import { measuredValues } from "./measured-values.ts";
import { responseChart } from "./response-chart.ts";
import { uptimes } from "./uptimes.ts";

/** How many of its incidents a check's page shows: further ones are on the page of all incidents. */
const maxIncidents = 50;

/** The bars under the chart always show the longest span. */
const barSpan: HistorySpan = "90d";

/** What the page of a check wants to know of the past. */
export function checkPageWanted({ checks }: Report, query: Query): PastWanted {
  const names = checks.map(({ check }) => check.name);
  const [name] = names;
  return {
    buckets: { checks: names, spans: [...new Set([spanOf(query), barSpan])] },
    measures: name === undefined ? undefined : { check: name, span: spanOf(query) },
    incidents: { checks: names, limit: maxIncidents + 1 },
  };
}

/** The page of one check, the only one in the report `whole`. */
export function checkPage(
  report: CheckReport,
  { state, sentence }: Verdict,
  whole: Report,
  context: Pick<RenderContext, "linkPrefix" | "query" | "found">,
): Markup {
  const { createdAt: now } = whole;
  const { check, failure, since, transitions, maintenance } = report;
  return markup`<section class="verdict ${state}">${icon(state)}<div><h1><bdi>${check.name}</bdi> ${sentence}</h1>${
    failure && markup`<p class="message">${describe(failure)}</p>`
  }<p class="when">Since ${momentAndAgo(since, now)}</p>${
    maintenance && markup`<p class="planned">${maintenanceBadge(maintenance)}</p>`
  }</div></section>
${chart(check.name, context)}${certificateEnd(report, now)}${measuredValues(report, context.found?.measures ?? [], spanOf(context.query ?? {}))}${availability(check.name, whole, context)}${incidents(whole, context)}<section><h2>Changes</h2>${changesOfCheck(transitions, now)}</section>
<section><h2>Details</h2><dl class="card facts">${facts(report, whole)}</dl></section>
${durations(report)}`;
}

type Context = Pick<RenderContext, "linkPrefix" | "query" | "found">;

function chart(name: string, { query = {}, found }: Context): Markup | undefined {
  const span = spanOf(query);
  const buckets = found?.buckets.get(span)?.get(name);
  if (buckets === undefined) return undefined;
  return markup`<section><div class="controls"><h2>Response times</h2>${spanLinks(query)}</div>${responseChart(buckets, span)}</section>
`;
}

function availability(name: string, { past, createdAt }: Report, { found }: Context): Markup | undefined {
  const buckets: readonly HistoryBucket[] = found?.buckets.get(barSpan)?.get(name) ?? [];
  const figures = past && uptimes(past, name);
  if (buckets.length === 0 && figures === undefined) return undefined;
  const bars =
    buckets.length > 0 &&
    markup`<div class="wide-bars">${historyBars(buckets, barSpan, createdAt)}<p class="ends"><span>90 days ago</span><span>today</span></p></div>`;
  return markup`<section><h2>Uptime</h2><div class="card uptimes">${figures}${bars}</div></section>
`;
}

function incidents(whole: Report, { found, linkPrefix = "" }: Context): Markup | undefined {
  if (found === undefined) return undefined;
  const all = `${linkPrefix}${incidentsPath("../")}`;
  const shown = found.incidents.slice(0, maxIncidents);
  const oldest = shown.at(-1);
  const hasMore = found.incidents.length > maxIncidents && oldest !== undefined;
  const more = markup`<p class="pages"><a href="${all}${hasMore && `?before=${oldest.startedAt}`}">${hasMore && "Older "}${hasMore ? "incidents" : "Incidents"} of all checks</a></p>`;
  const list =
    shown.length === 0
      ? markup`<p class="card none">No incidents are known.</p>`
      : episodeTable(shown, {
          report: whole,
          permalink: (incident) => `${all}${permalinkQuery(incident)}#${incidentAnchor(incident)}`,
        });
  return markup`<section><h2>Incidents</h2>${list}${more}</section>
`;
}
