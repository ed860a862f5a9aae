import { isOfSingleCheck } from "../formats/endpoint-address.ts";
import type { Format, RenderContext } from "../formats/format.ts";
import { type Markup, markup } from "../formats/markup.ts";
import type { Report } from "../health/report.ts";
import { checkPage } from "./check-page.ts";
import { moment } from "./moment.ts";
import { overview } from "./overview.ts";
import { favicon, iconDefinitions } from "./states.ts";
import { contentSecurityPolicy, style } from "./style.ts";
import { verdictOn, verdictOnCheck } from "./verdict.ts";

/** How often the page reloads itself. */
const refreshSeconds = 15;

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
    headers: {
      "Content-Security-Policy": contentSecurityPolicy,
      // The address may contain a secret path segment.
      "Referrer-Policy": "no-referrer",
    },
    render: (report, context) => `${page(report, context, alternatives)}\n`,
  };
}

function page(report: Report, { linkPrefix = "" }: RenderContext, alternatives: readonly Format[]): Markup {
  const { title, path, checks, createdAt } = report;
  const single = isOfSingleCheck(report) ? checks[0] : undefined;
  const verdict = single === undefined ? verdictOn(report) : verdictOnCheck(single.state, report);
  const heading = single === undefined ? verdict.sentence : `${single.check.name} ${verdict.sentence}`;
  const above = single === undefined ? undefined : `${linkPrefix}../`;
  return markup`<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><meta charset="utf-8"/>
<title>${verdict.sign} ${heading} · ${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta name="robots" content="noindex"/>
<meta http-equiv="refresh" content="${refreshSeconds}"/>
<link rel="icon" href="${favicon(verdict.state)}"/>
${alternatives.map(alternateLink)}${style}</head><body>
${iconDefinitions}
<header class="top">${breadcrumbs(title, path, single?.check.name, above)}</header>
<main>
${single === undefined ? overview(report, verdict, linkPrefix) : checkPage(single, verdict, report)}
</main>
<footer class="bottom"><nav aria-label="Other formats"><ul>${alternatives.map(
    ({ name, title: label }) => markup`<li><a href="?format=${name}">${label}</a></li>`,
  )}</ul></nav><p>As of ${moment(createdAt)}. This page reloads every ${refreshSeconds} seconds.</p></footer>
</body></html>`;
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
