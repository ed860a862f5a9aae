import { type Markup, markup } from "../formats/markup.ts";
import type { Site } from "../formats/site.ts";
import { moment } from "./moment.ts";
import { pageScript } from "./script/page-script.ts";
import { favicon, iconDefinitions } from "./states.ts";
import { contentSecurityPolicy, style } from "./style.ts";
import type { Verdict } from "./verdict.ts";

/** A page reloads itself no more often than this. */
export const leastRefreshSeconds = 15;

/** The fields of an answer that holds a page. */
export function pageHeaders({ embed = [] }: Site = {}): Readonly<Record<string, string>> {
  return {
    "Content-Security-Policy": contentSecurityPolicy(embed),
    // For browsers that do not know `frame-ancestors`; it cannot name a host.
    ...(embed.length === 0 && { "X-Frame-Options": "DENY" }),
    // The address may hold a secret segment.
    "Referrer-Policy": "no-referrer",
  };
}

/** What a page consists of. */
export interface PageParts {
  readonly title: string;
  /** What the page says at a glance: its colour, and the icon of its tab. */
  readonly verdict: Pick<Verdict, "state" | "sign">;
  /** Further elements of the head. */
  readonly links?: readonly Markup[];
  /** What is watched, and where the page is. */
  readonly breadcrumbs: Markup;
  /** Between the head of the page and what it is about. */
  readonly tabs?: Markup | undefined;
  readonly main: Markup;
  /** Where to go on. */
  readonly navigation?: Markup;
  readonly site?: Site | undefined;
  /** The relative address of the events after which the page is fetched again; undefined when there are none. */
  readonly events?: string | undefined;
  /** How often the page reloads itself; undefined: never. Default: every 15 seconds. */
  readonly refreshSeconds?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** A whole document that needs no script and no outside resource, well-formed as HTML and as XML alike. */
export function document(parts: PageParts): Markup {
  const { title, verdict, links, breadcrumbs, tabs, main, navigation, events, site = {}, createdAt } = parts;
  const refreshSeconds = "refreshSeconds" in parts ? parts.refreshSeconds : leastRefreshSeconds;
  return markup`<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><meta charset="utf-8"/>
<title>${verdict.sign} ${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta name="robots" content="noindex"/>
${
  refreshSeconds !== undefined &&
  markup`<noscript><meta http-equiv="refresh" content="${refreshSeconds}"/></noscript>
`
}<link rel="icon" href="${favicon(verdict.state)}"/>
${links}${style}</head><body>
${iconDefinitions}
<header class="top">${breadcrumbs}</header>
${tabs}<main>
${main}
</main>
<footer class="bottom">${site.footer !== undefined && markup`<p><bdi>${site.footer}</bdi></p>`}${navigation}<p>As of ${moment(createdAt)}.${
    refreshSeconds !== undefined && ` This page reloads every ${refreshSeconds} seconds.`
  }</p></footer>
${refreshSeconds !== undefined && pageScript(events, refreshSeconds)}</body></html>`;
}
