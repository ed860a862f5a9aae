import { pathSegment } from "../../formats/endpoint-address.ts";
import type { Format, RenderContext } from "../../formats/format.ts";
import { isoTime } from "../../formats/health-json.ts";
import { jsonText } from "../../formats/json-text.ts";
import { type Markup, markup } from "../../formats/markup.ts";
import { offered } from "../../formats/offered-formats.ts";
import { traceAddress } from "../../formats/trace-address.ts";
import { describe } from "../../health/failure.ts";
import type { Incident } from "../../health/history/history.ts";
import type { Report } from "../../health/report.ts";
import { document, pageHeaders } from "../document.ts";
import { endpointTabs, masthead } from "../header.ts";
import { moment } from "../moment.ts";
import { verdictOn } from "../verdict.ts";
import { type EpisodeView, episodeTable, incidentAnchor } from "./episode-table.ts";
import { incidentPage, incidentsWanted, permalinkQuery, readIncidentQuery } from "./incident-pages.ts";

/** All incidents of an endpoint's checks by day, as a page. */
const html: Format = {
  ...offered.html,
  tellsByStatus: false,
  isKept: true,
  headers: pageHeaders(),
  siteHeaders: pageHeaders,
  readQuery: readIncidentQuery,
  wants: incidentsWanted,
  render: (report, context) => `${page(report, context)}\n`,
};

/** The same for programs, the newest first. */
const json: Format = {
  ...offered.json,
  tellsByStatus: false,
  readQuery: readIncidentQuery,
  wants: incidentsWanted,
  render: (report, { found }) => {
    const { incidents, next } = incidentPage(found ?? { buckets: new Map(), measures: [], incidents: [] });
    return jsonText({
      // Without it, no incidents would look like none at all.
      isKnown: found !== undefined,
      incidents: incidents.map((incident) => told(incident, report)),
      ...(next !== undefined && { next: isoTime(next) }),
    });
  },
};

/** What the incidents of an endpoint can be had as. */
export const incidentFormats: readonly Format[] = [html, json];

function told({ id, check, startedAt, endedAt, state, failure, traceId }: Incident, report: Report): object {
  return {
    id,
    check,
    state,
    started: isoTime(startedAt),
    ended: endedAt === undefined ? null : isoTime(endedAt),
    ...(failure && { output: describe(failure), reason: failure.reason }),
    traceId,
    traceUrl: traceAddress(report, traceId),
  };
}

function page(report: Report, context: RenderContext): Markup {
  const { path, createdAt } = report;
  const { linkPrefix = "", siblings = [], site = {} } = context;
  const title = site.title ?? report.title;
  const above = `${linkPrefix}../`;
  const separator = markup` <span class="separator" aria-hidden="true">/</span> `;
  return document({
    title: `Incidents · ${title}`,
    verdict: verdictOn(report),
    breadcrumbs: masthead(
      title,
      site,
      markup`${separator}<a href="${above}">All checks</a>${separator}<span class="muted">Incidents</span>`,
    ),
    tabs: endpointTabs(siblings, linkPrefix),
    main: markup`<section class="heading"><h1>Incidents</h1><p class="muted">Of all checks at ${path}, by the day on which they began (UTC).</p></section>
${content(report, context, above)}`,
    navigation: markup`<nav aria-label="Other formats"><ul><li><a href="${linkPrefix}?format=json">JSON</a></li></ul></nav>`,
    events: `${above}?format=events`,
    site,
    createdAt,
  });
}

function content(report: Report, { found, query = {}, linkPrefix = "" }: RenderContext, above: string): Markup {
  if (report.past === undefined) {
    return markup`<p class="card none">No history is kept here, so that past incidents are not known. Set <code>store</code> in the configuration to the path of a file to keep one.</p>`;
  }
  if (found === undefined) {
    return markup`<p class="card none">The history cannot be read at the moment. The server's log tells why.</p>`;
  }
  const { incidents, next } = incidentPage(found);
  const { before } = query;
  const newest = before !== undefined && markup`<a href="${linkPrefix}./">Newest incidents</a>`;
  const older = next !== undefined && markup`<a href="${linkPrefix}?before=${next}" rel="next">Older incidents</a>`;
  const view: EpisodeView = {
    report,
    checkHref: (name) => `${above}${pathSegment(name)}/`,
    permalink: (incident) => `${linkPrefix}${permalinkQuery(incident)}#${incidentAnchor(incident)}`,
  };
  const days = byDay(incidents).map(
    ([day, ofDay]) => markup`<section><h2>${day}</h2>${episodeTable(ofDay, view)}</section>\n`,
  );
  const nothing =
    before === undefined
      ? markup`<p class="card none">No incidents are known.</p>`
      : markup`<p class="card none">No incidents are known from before ${moment(Number(before))}.</p>`;
  return markup`${days.length > 0 ? days : nothing}${
    (newest !== false || older !== false) && markup`<p class="pages">${newest} ${older}</p>`
  }`;
}

/** Days of UTC, the latest first, with the incidents that began on each. */
function byDay(incidents: readonly Incident[]): readonly (readonly [day: string, incidents: readonly Incident[]])[] {
  const days = new Map<string, Incident[]>();
  for (const incident of incidents) {
    const day = dayOf(incident.startedAt);
    const known = days.get(day);
    if (known === undefined) days.set(day, [incident]);
    else known.push(incident);
  }
  return [...days];
}

/** `Sat, 14 Mar 2026`. */
function dayOf(at: number): string {
  return new Date(at).toUTCString().replace(/^(\w+), 0?(\d+ \w+ \d+) .*$/, "$1, $2");
}
