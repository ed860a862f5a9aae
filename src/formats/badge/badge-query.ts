import { uptimeWindows } from "../../health/history/history.ts";
import type { Report } from "../../health/report.ts";
import type { Query, RenderContext } from "../format.ts";
import type { PastWanted } from "../past-wanted.ts";
import { type BadgeSubject, badgeContent, badgeSubjects, wrongBadge } from "./badge-content.ts";
import type { Badge } from "./draw-badge.ts";

const allowed = { of: badgeSubjects, window: uptimeWindows } as const;

/** What a badge heeds of a query: `of` and `window`, or the name of the one that is `wrong`. */
export function readBadgeQuery(query: URLSearchParams): Query {
  const read: Record<string, string> = {};
  for (const name of ["of", "window"] as const) {
    const value = query.get(name);
    if (value === null) continue;
    if (!isOneOf(allowed[name], value)) return { wrong: name };
    read[name] = value;
  }
  return read;
}

/** Response times are those of a window; all else is in the report. */
export function badgeWants({ checks }: Report, query: Query): PastWanted | undefined {
  const { of, window } = questionOf(query);
  if (of !== "response-time" || query.wrong !== undefined) return undefined;
  return { buckets: { checks: checks.map(({ check }) => check.name), spans: [window] } };
}

/** The badge that a request asks for; one that says what is wrong when its query is. */
export function badgeOf(report: Report, { query = {}, found }: RenderContext): Badge {
  const { wrong } = query;
  if (wrong === "of" || wrong === "window") return wrongBadge(report, wrong, allowed[wrong]);
  const question = questionOf(query);
  return badgeContent(report, question, found?.buckets.get(question.window));
}

function questionOf({ of, window }: Query) {
  const subject: BadgeSubject = isOneOf(badgeSubjects, of) ? of : "state";
  const byDefault = subject === "uptime" ? "30d" : "24h";
  return { of: subject, window: isOneOf(uptimeWindows, window) ? window : byDefault } as const;
}

function isOneOf<Value extends string>(values: readonly Value[], value: string | undefined): value is Value {
  return values.some((each) => each === value);
}
