import { isOfSingleCheck } from "../formats/endpoint-address.ts";
import type { Format, RenderContext } from "../formats/format.ts";
import { type Markup, markup } from "../formats/markup.ts";
import type { Report } from "../health/report.ts";
import { checkPage } from "./check/check-page.ts";
import { document, pageHeaders } from "./document.ts";
import { overview } from "./overview.ts";
import { verdictOn, verdictOnCheck } from "./verdict.ts";

/**
 * The web page: one document without scripts or external resources, valid as HTML and well-formed as XML. Its links are
 * relative, so that they work behind a secret path segment and a proxy.
 * @param alternatives the other formats to link to
 */
export function htmlFormat(alternatives: readonly Format[]): Format {
  return {
    name: "html",
    title: "HTML",
    offers: [
      { mediaType: "text/html", contentType: "text/html; charset=utf-8" },
      { mediaType: "application/xhtml+xml", contentType: "application/xhtml+xml; charset=utf-8" },
    ],
    tellsByStatus: true,
    headers: pageHeaders,
    render: (report, context) => `${page(report, context, alternatives)}\n`,
  };
}

function page(report: Report, { linkPrefix = "" }: RenderContext, alternatives: readonly Format[]): Markup {
  const { title, path, checks, createdAt } = report;
  const single = isOfSingleCheck(report) ? checks[0] : undefined;
  const verdict = single === undefined ? verdictOn(report) : verdictOnCheck(single.state, report);
  const heading = single === undefined ? verdict.sentence : `${single.check.name} ${verdict.sentence}`;
  const above = single === undefined ? undefined : `${linkPrefix}../`;
  return document({
    title: `${heading} · ${title}`,
    verdict,
    links: alternatives.map(alternateLink),
    breadcrumbs: breadcrumbs(title, path, single?.check.name, above),
    main: single === undefined ? overview(report, verdict, linkPrefix) : checkPage(single, verdict, report),
    navigation: markup`<nav aria-label="Other formats"><ul>${alternatives.map(
      ({ name, title: label }) => markup`<li><a href="?format=${name}">${label}</a></li>`,
    )}</ul></nav>`,
    createdAt,
  });
}

function alternateLink({ name, title, offers: [{ mediaType }] }: Format): Markup {
  return markup`<link rel="alternate" type="${mediaType}" title="${title}" href="?format=${name}"/>\n`;
}

/** The service and the endpoint; on a check's page, the service, a link to the endpoint, and the check. */
function breadcrumbs(title: string, path: string, name: string | undefined, above: string | undefined): Markup {
  const separator = markup` <span class="separator" aria-hidden="true">/</span> `;
  if (name === undefined || above === undefined) {
    return markup`<span class="service">${title}</span> <span class="muted">${path}</span>`;
  }
  return markup`<span class="service">${title}</span>${separator}<a href="${above}">All checks</a>${separator}<bdi class="muted">${name}</bdi>`;
}
