import { createHash } from "node:crypto";
import { Markup } from "../formats/markup.ts";
import { viewsStyle } from "./check/views-style.ts";
import { overviewStyle } from "./overview-style.ts";
import { scriptPolicy } from "./script/page-script.ts";

/**
 * The style sheet of the page, in light and dark. A state's class sets `--ink` for text and icons and `--soft` for their
 * background; every ink has a contrast of at least 4.5 on the page, on a card and on its own soft colour (WCAG AA).
 */
const styleSheet = `
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #fff; --line: #e1e4ea; --text: #1a1e26; --muted: #596273; --link: #1f4fc4; --track: #eceef2;
  --edge: #868f9e; --bar: #3f9a68;
  --healthy: #10703a; --healthy-soft: #e7f5ec; --degraded: #855000; --degraded-soft: #fdf2de;
  --unhealthy: #b0241c; --unhealthy-soft: #fdecea; --unknown: #4d5766; --unknown-soft: #eceef2;
  --skipped: #4650a6; --skipped-soft: #ecedfa; --maintenance: #0b6478; --maintenance-soft: #e2f3f7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #101317; --card: #171b21; --line: #2a3039; --text: #e5e8ed; --muted: #9aa4b3; --link: #92b4ff; --track: #252b34;
    --edge: #69737f; --bar: #429b69;
    --healthy: #62d08f; --healthy-soft: #14271c; --degraded: #f2b04d; --degraded-soft: #2c2110;
    --unhealthy: #ff8b80; --unhealthy-soft: #331917; --unknown: #aeb7c4; --unknown-soft: #232932;
    --skipped: #a9b3ff; --skipped-soft: #1f2342; --maintenance: #6fcbe0; --maintenance-soft: #10282f;
  }
}
.healthy { --ink: var(--healthy); --soft: var(--healthy-soft); }
.degraded { --ink: var(--degraded); --soft: var(--degraded-soft); }
.unhealthy { --ink: var(--unhealthy); --soft: var(--unhealthy-soft); }
.unknown { --ink: var(--unknown); --soft: var(--unknown-soft); }
.skipped { --ink: var(--skipped); --soft: var(--skipped-soft); }
.maintenance { --ink: var(--maintenance); --soft: var(--maintenance-soft); }

* { box-sizing: border-box; margin: 0; padding: 0; }
html { background: var(--page); color: var(--text); -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  max-width: 76rem; margin: 0 auto; padding: 1.125rem 1.25rem 2rem;
  font: 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; text-underline-offset: 0.15em; }
a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
h1 { font-size: 1.5rem; line-height: 1.25; font-weight: 650; letter-spacing: -0.012em; }
h2 { font-size: 0.9375rem; font-weight: 650; margin: 1.75rem 0 0.625rem; }
h2 .count { color: var(--muted); font-weight: 450; margin-left: 0.375rem; }
code { font: 0.875em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
bdi, .message, .label { unicode-bidi: isolate; }
.muted { color: var(--muted); }
.definitions { display: none; }
.icon { width: 1em; height: 1em; flex: none; vertical-align: -0.125em; color: var(--ink); }
.mark { fill: none; stroke: var(--card); stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }

.top { display: flex; flex-wrap: wrap; gap: 0 0.5rem; align-items: baseline; margin-bottom: 0.875rem; }
.top .service { font-weight: 650; }
.top .separator { color: var(--muted); }

.verdict {
  display: flex; gap: 1rem; align-items: center; padding: 0.875rem 1.25rem; border-radius: 0.875rem;
  background: var(--soft); border: 1px solid var(--line);
}
.verdict > .icon { width: 2.25rem; height: 2.25rem; }
.verdict > .icon .mark { stroke: var(--soft); }
.verdict > div { flex: 1; min-width: 0; }
.verdict .message { margin-top: 0.25rem; font-size: 1.0625rem; color: var(--ink); }
.verdict .when { color: var(--muted); margin-top: 0.25rem; }
.counts { display: flex; flex-wrap: wrap; gap: 0.125rem 1.125rem; list-style: none; margin-top: 0.375rem; }
.proportions { display: block; width: 100%; height: 0.375rem; border-radius: 0.1875rem; margin-top: 0.75rem; }
.proportions rect { fill: var(--ink); }

.card { background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; overflow: hidden; }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-weight: inherit; }
thead th { font-size: 0.8125rem; color: var(--muted); padding: 0.5rem 0.75rem; white-space: nowrap; }
td, tbody th { padding: 0.5rem 0.75rem; border-top: 1px solid var(--line); vertical-align: baseline; }
tbody:first-child tr:first-child > * { border-top: 0; }
th:first-child, td:first-child { padding-left: 1.125rem; }
th:last-child, td:last-child { padding-right: 1.125rem; }
tbody tr:hover { background: color-mix(in srgb, var(--text) 3%, transparent); }
.badge { color: var(--ink); font-weight: 500; white-space: nowrap; }
.checks, .changes { table-layout: fixed; }
.state { width: 8.5rem; }
.took, .ran, .since { width: 7.5rem; text-align: right; white-space: nowrap; }
.changes .took, .changes .since { width: 8.75rem; }
td.took, td.ran, td.since { color: var(--muted); }
.name { font-weight: 600; color: var(--text); margin-right: 0.375rem; }
a.name:hover { color: var(--link); }
.label { display: inline-block; max-width: 100%; color: var(--muted); font-size: 0.8125rem; margin-right: 0.5rem; }
.label b { font-weight: 450; color: var(--text); }
tbody .message { color: var(--ink); margin-top: 0.125rem; }
.history { color: var(--muted); font-size: 0.8125rem; }
.planned { font-size: 0.8125rem; margin-top: 0.125rem; }

.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 0.875rem 1.5rem; padding: 0.875rem 1.125rem 1rem; }
.facts .wide { grid-column: 1 / -1; }
.facts dt { font-size: 0.8125rem; color: var(--muted); }
.bar { display: block; width: 100%; height: 0.625rem; background: var(--track); border-radius: 0.3125rem; }
.bar rect { fill: var(--ink); }
.durations td, .durations tbody th { padding-top: 0.1875rem; padding-bottom: 0.1875rem; border: 0; }
.durations tbody tr:last-child > * { padding-bottom: 0.75rem; }
.durations .bound { width: 6.5rem; white-space: nowrap; text-align: right; }
.durations .runs { width: 9rem; }
.measures .value { text-align: right; white-space: nowrap; }

.none { padding: 0.75rem 1.125rem; color: var(--muted); }
.bottom { margin-top: 2rem; font-size: 0.8125rem; color: var(--muted); }
.bottom ul { display: flex; flex-wrap: wrap; gap: 0.125rem 1rem; list-style: none; margin-bottom: 0.375rem; }

@media (max-width: 44rem) {
  body { padding: 1rem 0.75rem 1.5rem; }
  h1 { font-size: 1.3125rem; }
  .verdict { padding: 1rem; gap: 0.75rem; }
  .verdict > .icon { width: 1.75rem; height: 1.75rem; }
  .checks, .checks tbody, .changes, .changes tbody { display: block; }
  .checks thead, .changes thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .checks tr, .changes tr {
    display: flex; flex-wrap: wrap; gap: 0.0625rem 0.875rem; position: relative; padding: 0.625rem 0.875rem; border-top: 1px solid var(--line);
  }
  tbody:first-child tr:first-child, .checks tbody tr:first-child, .changes tbody tr:first-child { border-top: 0; }
  .checks td, .checks th, .changes td, .changes th { padding: 0; border: 0; width: auto; }
  .checks th, .changes .what { flex: 1 0 100%; }
  .checks td.state, .changes td.state { position: absolute; top: 0.625rem; right: 0.875rem; }
  .checks .name, .changes .name, .what > .message:first-child { display: block; margin-right: 6.75rem; }
  .checks td.took, .checks td.ran, .checks td.since, .changes td.took, .changes td.since {
    width: auto; font-size: 0.8125rem; text-align: left;
  }
  .facts { display: block; padding: 0.375rem 0.875rem; }
  .facts div { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding: 0.25rem 0; }
  .checks td:empty { display: none; }
  .took::before { content: "took "; }
  .ran::before { content: "ran "; }
  .checks .since::before, .changes .took::before { content: "for "; }
  .durations .bound { width: 5rem; }
  .durations .runs { width: 6.5rem; }
}
${overviewStyle}${viewsStyle}`;

/** The style sheet as a document contains it. */
export const style: Markup = new Markup(`<style>${styleSheet}</style>`);

const styleHash = createHash("sha256").update(styleSheet).digest("base64");

/**
 * The page's `Content-Security-Policy`: it loads nothing, and asks nobody but this server. Its style sheet and its script are
 * allowed by their hashes, so that injected ones are not.
 * @param embed the hosts whose pages may show it in a frame
 */
export function contentSecurityPolicy(embed: readonly string[]): string {
  return [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    ...scriptPolicy,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${embed.length === 0 ? "'none'" : embed.join(" ")}`,
  ].join("; ");
}
