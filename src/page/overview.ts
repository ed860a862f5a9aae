import { wholeNumber } from "../formats/elapsed.ts";
import type { Query, RenderContext } from "../formats/format.ts";
import { type Markup, markup } from "../formats/markup.ts";
import type { PastWanted } from "../formats/past-wanted.ts";
import type { CheckReport, Report } from "../health/report.ts";
import { recentChanges } from "./changes.ts";
import { checkTable, type Surroundings, shownState, tiles } from "./check-rows.ts";
import { filtered, filterForm, filterNote, isFiltering, spanLinks, spanOf } from "./filter.ts";
import { byUrgency, groupSection, groupsOf } from "./groups.ts";
import { lastIncident } from "./header.ts";
import { icon, type ShownState, statesByUrgency } from "./states.ts";
import { uptimeTogether } from "./uptime.ts";
import type { Verdict } from "./verdict.ts";

/** The headings above the checks in each state. */
const headings = {
  unhealthy: "Failing",
  degraded: "Warnings",
  unknown: "Unknown",
  skipped: "Skipped",
  maintenance: "In maintenance",
  healthy: "Healthy",
} as const satisfies Record<ShownState, string>;

/** What stands above the groups. */
const urgentStates = statesByUrgency.filter((state) => state !== "healthy");

/** With more checks than this on a page, healthy ones are tiles; and no more rows than this have bars. */
const maxRows = 60;

/** What an endpoint's page wants to know of the past: the history of its rows, and the last incident. */
export function wantedOf(report: Report, query: Query): PastWanted {
  const shown = byUrgency(filtered(report.checks, query), report);
  const rows = shown.length > maxRows ? shown.filter((check) => shownState(check, report) !== "healthy") : shown;
  const names = (checks: readonly CheckReport[]): readonly string[] => checks.map(({ check: { name } }) => name);
  return {
    ...(rows.length > 0 && { buckets: { checks: names(rows.slice(0, maxRows)), spans: [spanOf(query)] } }),
    incidents: { checks: names(report.checks), limit: 1 },
  };
}

/** All checks of an endpoint, those of a group together, the most urgent first: a table for each state. */
export function overview(
  report: Report,
  verdict: Verdict,
  context: Pick<RenderContext, "linkPrefix" | "query" | "found">,
): Markup {
  const { checks, createdAt } = report;
  const { linkPrefix: here = "", query = {}, found } = context;
  const shown = byUrgency(filtered(checks, query), report);
  const around: Surroundings = { report, here, query, buckets: filled(found?.buckets.get(spanOf(query))) };
  const loose = shown.filter(({ check: { group } }) => group === undefined);
  const withTiles = shown.length > maxRows;
  const section = (state: ShownState): Markup | undefined =>
    listSection(
      headings[state],
      loose.filter((check) => shownState(check, report) === state),
      around,
      withTiles && state === "healthy",
    );
  return markup`${headline(report, verdict, here, found?.incidents[0])}
${
  (around.buckets !== undefined || filterForm(checks, query) !== undefined) &&
  markup`<div class="controls">${filterForm(checks, query)}${around.buckets && spanLinks(query)}</div>
`
}${filterNote(shown.length, checks.length, query)}${urgentStates.map(section)}${groupsOf(shown).map((group) => groupSection(group, around, withTiles))}${section("maintenance")}${section("healthy")}${
  checks.length > 0 &&
  !isFiltering(query) &&
  markup`<section><h2>Recent changes</h2>${recentChanges(checks, here, createdAt)}</section>`
}`;
}

/** Nothing rather than a column without bars. */
function filled<Buckets extends ReadonlyMap<string, unknown>>(buckets: Buckets | undefined): Buckets | undefined {
  return buckets === undefined || buckets.size === 0 ? undefined : buckets;
}

function listSection(
  heading: string,
  checks: readonly CheckReport[],
  around: Surroundings,
  isTiled: boolean,
): Markup | undefined {
  if (checks.length === 0) return undefined;
  return markup`<section><h2>${heading} <span class="count">${wholeNumber(checks.length)}</span></h2>
${isTiled ? tiles(checks, around) : checkTable(checks, around)}</section>
`;
}

/** One verdict on all checks, whatever is shown of them; what is known of the last thirty days; the last incident. */
function headline(
  report: Report,
  { state, sentence }: Verdict,
  here: string,
  incident: Parameters<typeof lastIncident>[0] | undefined,
): Markup {
  const { checks, past, createdAt } = report;
  const what = checks.length === 1 ? "1 check" : `${wholeNumber(checks.length)} checks`;
  const uptime = past && uptimeTogether(past, checks, what);
  const facts = [
    uptime && markup`<span class="figure">${uptime}</span> uptime in 30 days`,
    incident && lastIncident(incident, here, createdAt),
  ].filter((fact) => fact !== undefined);
  return markup`<section class="verdict ${state}">${icon(state)}<div><h1>${sentence}</h1>${
    facts.length > 0 && markup`<p class="when">${facts.map((fact, index) => [index > 0 && " · ", fact])}</p>`
  }${counts(report)}</div></section>`;
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
