import type { FleetReport } from "../fleet/fleet-report.ts";
import { wholeNumber } from "../formats/elapsed.ts";
import { type Markup, markup } from "../formats/markup.ts";
import type { Site } from "../formats/site.ts";
import { type Tally, tell } from "../formats/summary.ts";
import type { ShownAnnouncement } from "../health/announcements/announcement.ts";
import { announcementList } from "./announcements/announcement-list.ts";
import { document } from "./document.ts";
import { fleetSection } from "./fleet-section.ts";
import { masthead } from "./header.ts";
import { badge, icon, statesByUrgency } from "./states.ts";
import type { Verdict } from "./verdict.ts";

/** An endpoint as the index shows it. */
export interface ListedEndpoint {
  readonly path: string;
  /** How many checks it has. */
  readonly checks: number;
  /** What its checks say now; undefined when the caller may not know. */
  readonly verdict: Verdict | undefined;
}

/** Something that is served besides the endpoints. */
export interface ListedPath {
  readonly path: string;
  readonly description: string;
}

/** What the index shows. */
export interface Index {
  /** What is being watched. */
  readonly title: string;
  readonly endpoints: readonly ListedEndpoint[];
  readonly others: readonly ListedPath[];
  readonly site?: Site | undefined;
  /** What the readers of the endpoints are told that the caller may read. */
  readonly announcements?: readonly ShownAnnouncement[];
  /** The replicas that share the checks, if there are some and the caller may know of them. */
  readonly fleet?: FleetReport | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** The page at `/`: every endpoint that the caller may see, with its state, and what else is served. */
export function indexPage({ title, endpoints, others, site = {}, announcements, fleet, createdAt }: Index): Markup {
  const verdict = verdictOnEndpoints(endpoints);
  const withheld = endpoints.filter((endpoint) => endpoint.verdict === undefined).length;
  return document({
    title: `${verdict.sentence} · ${site.title ?? title}`,
    verdict,
    breadcrumbs: masthead(site.title ?? title, site),
    site,
    main: markup`${announcementList(announcements)}<section class="verdict ${verdict.state}">${icon(verdict.state)}<div><h1>${verdict.sentence}</h1>${withheldNote(withheld, endpoints.length)}</div></section>
${endpoints.length > 0 && endpointTable(endpoints)}${fleet && fleetSection(fleet, createdAt)}<section><h2>Also served here</h2>
<div class="card"><table class="checks" role="table"><tbody role="rowgroup">${others.map(otherRow)}</tbody></table></div></section>`,
    createdAt,
  });
}

/** What is said of endpoints that do not pass, by the worst state among their checks. */
const saidOfEndpoints = {
  unhealthy: { one: "fails", several: "fail" },
  degraded: { one: "warns", several: "warn" },
  unknown: { one: "is in an unknown state", several: "are in an unknown state" },
  skipped: { one: "has skipped checks", several: "have skipped checks" },
  // None of those that do not pass is healthy, or in maintenance alone.
  healthy: { one: "passes", several: "pass" },
  maintenance: { one: "is in maintenance", several: "are in maintenance" },
} as const satisfies Record<Verdict["state"], Omit<Tally, "count">>;

/** The verdict on all endpoints whose state is shown. */
function verdictOnEndpoints(endpoints: readonly ListedEndpoint[]): Verdict {
  const verdicts = endpoints.flatMap(({ verdict }) => verdict ?? []);
  const count = verdicts.length;
  if (count === 0) {
    const nothing = endpoints.length === 0 ? "There are no endpoints" : "Every endpoint asks for credentials";
    return { state: "unknown", sign: "–", sentence: nothing };
  }
  const failing = verdicts.filter(({ sign }) => sign === "✗");
  if (failing.length > 0) {
    const tallies = statesByUrgency.map((state) => ({
      count: failing.filter((verdict) => verdict.state === state).length,
      ...saidOfEndpoints[state],
    }));
    const sentence = tell(tallies, count, "endpoint", "The endpoint");
    return { state: worstOf(failing), sign: "✗", sentence };
  }
  const passing = tell([{ count, one: "passes", several: "pass" }], count, "endpoint", "The endpoint");
  const warnings = verdicts.filter(({ sign }) => sign === "⚠").length;
  if (warnings === 0) return { state: "healthy", sign: "✓", sentence: passing };
  const addition = count === 1 ? "with a warning" : `${wholeNumber(warnings)} of them with a warning`;
  return { state: "degraded", sign: "⚠", sentence: `${passing}, ${addition}` };
}

function worstOf(verdicts: readonly Verdict[]): Verdict["state"] {
  return statesByUrgency.find((state) => verdicts.some((verdict) => verdict.state === state)) ?? "unknown";
}

/** How many endpoints the verdict says nothing of. */
function withheldNote(withheld: number, all: number): Markup | undefined {
  if (withheld === 0 || withheld === all) return undefined;
  const more = withheld === 1 ? "1 more asks" : `${wholeNumber(withheld)} more ask`;
  return markup`<p class="when">${more} for credentials.</p>`;
}

function endpointTable(endpoints: readonly ListedEndpoint[]): Markup {
  return markup`<section><h2>Endpoints <span class="count">${wholeNumber(endpoints.length)}</span></h2>
<div class="card"><table class="checks" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="state">State</th><th role="columnheader" scope="col">Endpoint</th></tr></thead>
<tbody role="rowgroup">${endpoints.map(endpointRow)}</tbody></table></div></section>
`;
}

function endpointRow({ path, checks, verdict }: ListedEndpoint): Markup {
  const state = verdict === undefined ? markup`<span class="muted">Not shown</span>` : badge(verdict.state);
  const count = checks === 1 ? "1 check" : `${wholeNumber(checks)} checks`;
  // An endpoint that the caller may not read tells nothing of its checks, not even how many there are.
  const label = verdict !== undefined && markup`<span class="label">${count}</span>`;
  const details =
    verdict === undefined
      ? markup`<div class="history">Asks for credentials</div>`
      : verdict.state !== "healthy" && markup`<div class="message">${verdict.sentence}</div>`;
  return markup`<tr class="${verdict?.state ?? "unknown"}" role="row"><td class="state" role="cell">${state}</td><th scope="row" role="rowheader"><a class="name" href=".${path}">${path}</a>${label}${details}</th></tr>
`;
}

function otherRow({ path, description }: ListedPath): Markup {
  return markup`<tr role="row"><th scope="row" role="rowheader" class="state"><a class="name" href=".${path}">${path}</a></th><td class="muted" role="cell">${description}</td></tr>
`;
}
