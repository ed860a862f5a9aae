import { type Markup, markup } from "../formats/markup.ts";
import { moment } from "./moment.ts";
import { favicon, iconDefinitions } from "./states.ts";
import { contentSecurityPolicy, style } from "./style.ts";
import type { Verdict } from "./verdict.ts";

/** How often a page reloads itself. */
const refreshSeconds = 15;

/** The fields of an answer that holds a page. */
export const pageHeaders = {
  "Content-Security-Policy": contentSecurityPolicy,
  // The address may hold a secret segment.
  "Referrer-Policy": "no-referrer",
} as const;

/** What a page consists of. */
export interface PageParts {
  readonly title: string;
  /** What the page says at a glance: its colour, and the icon of its tab. */
  readonly verdict: Verdict;
  /** Further elements of the head. */
  readonly links?: readonly Markup[];
  /** Where the page is. */
  readonly breadcrumbs: Markup;
  readonly main: Markup;
  /** Where to go on. */
  readonly navigation?: Markup;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** A whole document without script or outside resource, well-formed as HTML and as XML alike. */
export function document(parts: PageParts): Markup {
  const { title, verdict, links, breadcrumbs, main, navigation, createdAt } = parts;
  return markup`<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><meta charset="utf-8"/>
<title>${verdict.sign} ${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta name="robots" content="noindex"/>
<meta http-equiv="refresh" content="${refreshSeconds}"/>
<link rel="icon" href="${favicon(verdict.state)}"/>
${links}${style}</head><body>
${iconDefinitions}
<header class="top">${breadcrumbs}</header>
<main>
${main}
</main>
<footer class="bottom">${navigation}<p>As of ${moment(createdAt)}. This page reloads every ${refreshSeconds} seconds.</p></footer>
</body></html>`;
}
