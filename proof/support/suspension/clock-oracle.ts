import { parseFeed } from "@rowanmanning/feed-parser";
import type { LogLine } from "../../../bench/support/serve.ts";
import type { CheckInHealthJson } from "./seen-states.ts";

/** A span of the server's wall clock, in milliseconds since the epoch. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** A change of a check's state, with the status code that identifies it: `unhealthy 501`, `healthy after 501`. */
export type Change = string;

export function becameUnhealthy(status: number): Change {
  return `unhealthy ${status}`;
}

export function becameHealthy(statusBefore: number): Change {
  return `healthy after ${statusBefore}`;
}

/** A moment is recorded slightly before or after the clock is read. */
const slackMilliseconds = 100;

/**
 * What is wrong with a page: nonsensical times, or changes in another order than they happened.
 * @param namesCause whether it says of a recovery what was wrong before
 */
export function pageObjections(html: string, newestFirst: readonly Change[], { namesCause = true } = {}): string[] {
  const text = html.replaceAll(/<(style|script)[\s\S]*?<\/\1>/g, "").replaceAll(/<[^>]+>/g, " ");
  const nonsense = text.matchAll(/(?<![\d-])-\d[\d.,]*\s*(?:µs|ms|s|min|h|d)\b|NaN|Invalid Date|undefined|Infinity/g);
  // Incidents stand before them, in the order of the clock that was set.
  const changes = html.slice(html.search(/<h2>(?:Recent changes|Changes)/));
  const rows = [...changes.matchAll(/<td class="what (\w+)"[\s\S]*?<\/tr>/g)];
  const found = rows.map(([row, state = ""]) => changeOf(state, row));
  // It shows the last ten.
  const expected = newestFirst.slice(0, 10);
  const comparable = (changes: readonly Change[]): readonly Change[] =>
    namesCause ? changes : changes.map((change) => change.replace(/ after .*/, ""));
  return [
    ...[...nonsense].map(([words]) => `the page says "${words.trim()}"`),
    ...orderObjections("the page", comparable(found), comparable(expected)),
  ];
}

/** What is wrong with a feed of changes: not well-formed, in another order than they happened, or dated other than its newest entry. */
export function feedObjections(kind: "RSS" | "Atom", xml: string, newestFirst: readonly Change[]): string[] {
  const { items, updated } = parseFeed(xml);
  const changes = items.map(({ title, description, content }) => {
    return changeOf(title?.endsWith(": OK") ? "healthy" : "unhealthy", `${title} ${description ?? content}`);
  });
  const [newest] = items;
  const isDated = updated !== null && newest?.published?.getTime() === updated.getTime();
  const dated =
    isDated || newest === undefined
      ? []
      : [`${kind} is dated ${moment(updated)}, its first entry ${moment(newest.published)}`];
  return [...dated, ...orderObjections(kind, changes, newestFirst)];
}

function moment(date: Date | null): string {
  return date === null ? "nowhere" : date.toISOString();
}

function changeOf(state: string, text: string): Change {
  const status = Number(/\b5\d\d\b/.exec(text)?.[0]);
  return state === "healthy" ? becameHealthy(status) : becameUnhealthy(status);
}

/** The first changes must be those expected; the ones after them are of the start, when the checks became healthy. */
function orderObjections(where: string, found: readonly Change[], newestFirst: readonly Change[]): string[] {
  const first = found.slice(0, newestFirst.length);
  if (first.join() === newestFirst.join()) return [];
  return [`${where} shows ${first.join(", ")} instead of ${newestFirst.join(", ")}`];
}

/** What is wrong with the moments in health+json of checks that have all run since the window began. */
export function momentObjections(checks: readonly CheckInHealthJson[], { from, to }: Window): string[] {
  return checks.flatMap(({ componentId, time = "", lastSuccess = "", since }) => {
    const late = { time, lastSuccess };
    const wrong = Object.entries(late).filter(([, value]) => !isWithin(Date.parse(value), { from, to }));
    const objections = wrong.map(([key, value]) => `${componentId} has the ${key} ${value}`);
    return Number.isNaN(Date.parse(since)) ? [...objections, `${componentId} has the since ${since}`] : objections;
  });
}

/** The lines of the log that are dated outside the window in which they were written. */
export function logObjections(lines: readonly LogLine[], window: Window): string[] {
  return lines
    .filter(({ time = "" }) => !isWithin(Date.parse(time), window))
    .map(({ time, msg }) => `the log dates "${msg}" ${time}`);
}

/** What is wrong with the metrics: counters that went back, negative values, and last runs outside the window. */
export function metricsObjections(before: string, after: string, window: Window): string[] {
  const earlier = samplesOf(before);
  const objections: string[] = [];
  for (const [series, value] of samplesOf(after)) {
    const isCounter = /^\w+_(count|bucket|sum|total)(\{|$)/.test(series);
    const isMoment = /^health_check_last_(run|success)_timestamp_seconds\{check="(?!flipping)/.test(series);
    if (!(value >= 0)) objections.push(`${series} is ${value}`);
    else if (isCounter && value < (earlier.get(series) ?? 0)) objections.push(`${series} went back to ${value}`);
    else if (isMoment && !isWithin(1000 * value, window)) objections.push(`${series} is ${value}`);
  }
  return objections;
}

function samplesOf(text: string): ReadonlyMap<string, number> {
  return new Map(
    [...text.matchAll(/^(\w+(?:\{.*\})?) (\S+)/gm)].map(([, series = "", value]) => [series, Number(value)]),
  );
}

function isWithin(milliseconds: number, { from, to }: Window): boolean {
  return milliseconds >= from - slackMilliseconds && milliseconds <= to + slackMilliseconds;
}
