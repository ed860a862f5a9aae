import { isOfSingleCheck } from "../formats/endpoint-address.ts";
import type { Format, RenderContext } from "../formats/format.ts";
import { type Markup, markup } from "../formats/markup.ts";
import { offered } from "../formats/offered-formats.ts";
import type { Report } from "../health/report.ts";
import { announcementList } from "./announcements/announcement-list.ts";
import { checkPage, checkPageWanted } from "./check/check-page.ts";
import { document, leastRefreshSeconds, pageHeaders } from "./document.ts";
import { readPageQuery } from "./filter.ts";
import { endpointTabs, masthead } from "./header.ts";
import { incidentsPath } from "./incidents/incidents-path.ts";
import { overview, wantedOf } from "./overview.ts";
import { verdictOn, verdictOnCheck } from "./verdict.ts";

/** A page reloads itself at least so often: what it says of the time would be wrong otherwise. */
const maxRefreshSeconds = 300;

/**
 * The web page: one document that needs no script and no external resource, valid as HTML and well-formed as XML. Its links are
 * relative, so that they work behind a secret path segment and a proxy.
 * @param alternatives the other formats to link to
 */
export function htmlFormat(alternatives: readonly Format[]): Format {
  return {
    ...offered.html,
    tellsByStatus: true,
    isKept: true,
    headers: pageHeaders(),
    siteHeaders: pageHeaders,
    readQuery: readPageQuery,
    wants: (report, query) => (isOfSingleCheck(report) ? checkPageWanted(report, query) : wantedOf(report, query)),
    render: (report, context) => `${page(report, context, alternatives)}\n`,
  };
}

function page(report: Report, context: RenderContext, alternatives: readonly Format[]): Markup {
  const { path, checks, createdAt } = report;
  const { linkPrefix = "", siblings = [], site = {} } = context;
  const title = site.title ?? report.title;
  const single = isOfSingleCheck(report) ? checks[0] : undefined;
  const verdict = single === undefined ? verdictOn(report) : verdictOnCheck(single.state, report);
  const heading = single === undefined ? verdict.sentence : `${single.check.name} ${verdict.sentence}`;
  const above = single === undefined ? undefined : `${linkPrefix}../`;
  const tabs = endpointTabs(siblings, linkPrefix);
  return document({
    title: `${heading} · ${title}`,
    verdict,
    links: alternatives.map(alternateLink),
    breadcrumbs: masthead(title, site, breadcrumbs(tabs === undefined ? path : undefined, single?.check.name, above)),
    tabs,
    main: markup`${announcementList(report.announcements)}${
      single === undefined
        ? markup`${overview(report, verdict, context)}${allIncidents(report, linkPrefix)}`
        : checkPage(single, verdict, report, context)
    }`,
    events: "?format=events",
    navigation: markup`<nav aria-label="Other formats"><ul>${alternatives.map(
      ({ name, title: label }) => markup`<li><a href="?format=${name}">${label}</a></li>`,
    )}</ul></nav>`,
    site,
    refreshSeconds: refreshSeconds(report),
    createdAt,
  });
}

/** Under `/`, the page of incidents would be in the way of the program that serves us. */
function allIncidents({ path, past }: Report, linkPrefix: string): Markup | undefined {
  if (past === undefined || path === "/") return undefined;
  return markup`<p class="pages"><a href="${linkPrefix}${incidentsPath("")}">All incidents</a></p>`;
}

/** As often as the check that runs most often, within reason. */
function refreshSeconds({ checks }: Report): number {
  const intervals = checks.flatMap(({ intervalMilliseconds }) => intervalMilliseconds ?? []);
  const smallest = intervals.length === 0 ? 0 : Math.min(...intervals) / 1000;
  return Math.min(maxRefreshSeconds, Math.max(leastRefreshSeconds, Math.ceil(smallest)));
}

function alternateLink({ name, title, offers: [{ mediaType }] }: Format): Markup {
  return markup`<link rel="alternate" type="${mediaType}" title="${title}" href="?format=${name}"/>\n`;
}

/** Where the page is: the endpoint, unless a tab tells it; on a check's page a link to the endpoint, and the check. */
function breadcrumbs(path: string | undefined, name: string | undefined, above: string | undefined): Markup {
  const separator = markup` <span class="separator" aria-hidden="true">/</span> `;
  if (name === undefined || above === undefined) return markup` <span class="muted">${path}</span>`;
  return markup`${separator}<a href="${above}">All checks</a>${separator}<bdi class="muted">${name}</bdi>`;
}
