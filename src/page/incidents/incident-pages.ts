import type { Query } from "../../formats/format.ts";
import type { PastFound, PastWanted } from "../../formats/past-wanted.ts";
import type { Incident } from "../../health/history/history.ts";
import type { Report } from "../../health/report.ts";

/** How many incidents a page has. */
const pageSize = 100;

/** The last moment that there is, in milliseconds since the epoch (ECMAScript, "time values"). */
const lastMoment = 8_640_000_000_000_000;

const isoDate = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/;

/** One page of the incidents of an endpoint. */
export interface IncidentPage {
  /** The newest first. */
  readonly incidents: readonly Incident[];
  /** What the query of the next page says, with the older ones; undefined when there are none. */
  readonly next: number | undefined;
}

/** What a page heeds of a query: `before`, a moment as ISO 8601 or in milliseconds since the epoch. */
export function readIncidentQuery(query: URLSearchParams): Query {
  const before = query.get("before") ?? "";
  const moment = /^\d{1,16}$/.test(before) ? Number(before) : isoDate.test(before) ? Date.parse(before) : Number.NaN;
  return Number.isInteger(moment) && moment >= 0 && moment <= lastMoment ? { before: String(moment) } : {};
}

/** One more than a page has, to know whether there is another page. */
export function incidentsWanted({ checks }: Report, { before }: Query): PastWanted {
  return {
    incidents: {
      checks: checks.map(({ check }) => check.name),
      before: before === undefined ? undefined : Number(before),
      limit: pageSize + 1,
    },
  };
}

/** The page that was found. Incidents that began at the same moment stay together, since a page ends at a moment. */
export function incidentPage({ incidents }: PastFound): IncidentPage {
  const further = incidents[pageSize];
  if (further === undefined) return { incidents, next: undefined };
  const earlier = incidents.slice(0, pageSize).filter(({ startedAt }) => startedAt > further.startedAt);
  // More than a page of them at one moment: then the page is full of these.
  const shown = earlier.length > 0 ? earlier : incidents.slice(0, pageSize);
  return { incidents: shown, next: shown.at(-1)?.startedAt };
}

/** The query of the page that begins with an incident, for as long as the incident is known. */
export function permalinkQuery({ startedAt }: Incident): string {
  return `?before=${startedAt + 1}`;
}
