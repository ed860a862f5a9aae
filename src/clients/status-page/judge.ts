import { distance } from "fastest-levenshtein";
import {
  type HealthCheckError,
  ServiceReturnedUnexpectedResult,
  ServiceUnavailable,
  ServiceWarning,
} from "../../health/errors.ts";
import { firstOf, shownLink, shownText } from "./shown-text.ts";
import { type Impact, type Incident, impacts, type PageComponent, type StatusReport, worstOf } from "./status-page.ts";
import { hasWords } from "./whole-words.ts";

/** What of a page is watched, and how bad it is. */
export interface Watch {
  readonly components: readonly string[];
  readonly regions: readonly string[];
  /** What the check is during an outage. */
  readonly outage: "degraded" | "unhealthy";
  /** What it is during a maintenance. */
  readonly maintenance: "ignore" | "degraded";
}

/** What a page says of what is watched. */
export interface Verdict {
  /** How many incidents are open. */
  readonly incidents: number;
  /** Undefined when all is well. */
  readonly failure: HealthCheckError | undefined;
}

/** Something to be told. */
interface Trouble {
  readonly text: string;
  readonly link: string | undefined;
  readonly impact: Impact;
  readonly beganAt?: number | undefined;
}

/**
 * Judges what a page says.
 * @param pageLink where to look when the page does not say
 * @param redact takes the secrets of the check out of the page's texts
 */
export function judge(report: StatusReport, watch: Watch, pageLink: string, redact: (text: string) => string): Verdict {
  const unknown = unknownComponent(report, watch.components, redact);
  if (unknown !== undefined) return { incidents: 0, failure: unknown };
  const counts = ({ impact }: { readonly impact: Impact }): boolean => {
    return impact !== "none" && (impact !== "maintenance" || watch.maintenance === "degraded");
  };
  const incidents = report.incidents.filter((one) => counts(one) && concerns(one, report, watch));
  const components = watchedComponents(report, watch).filter(counts);
  const open = incidents.filter(({ impact }) => impact !== "maintenance").length;
  const told = troublesOf(report, watch, incidents, components).filter(counts);
  if (told.length === 0) return { incidents: open, failure: undefined };
  const troubles = told.toSorted((one, other) => impacts.indexOf(other.impact) - impacts.indexOf(one.impact));
  const message = firstOf(troubles, ({ text, link }) => {
    return `${shownText(text, redact)}: ${shownLink(link, redact) ?? pageLink}`;
  });
  const [beganAt] = troubles.flatMap((one) => one.beganAt ?? []).toSorted((one, other) => one - other);
  const options = { reason: "unavailable", beganAt } as const;
  const isOutage =
    worstOf([...troubles, ...components, ...altogether(report, watch)].map(({ impact }) => impact)) === "major";
  const Failure = isOutage && watch.outage === "unhealthy" ? ServiceUnavailable : ServiceWarning;
  return { incidents: open, failure: new Failure(message, options) };
}

/** Incidents, the components that none of them names, and what the page says altogether if there is neither. */
function troublesOf(
  report: StatusReport,
  watch: Watch,
  incidents: readonly Incident[],
  components: readonly PageComponent[],
): readonly Trouble[] {
  const { link } = report;
  const others = components.filter(notNamedBy(incidents));
  const told: readonly Trouble[] = [
    ...incidents.map((one) => ({ ...one, text: one.title, link: one.link ?? link })),
    ...others.map(({ title, state, impact }) => ({ text: `${title} (${state})`, link, impact })),
  ];
  const untold = altogether(report, watch).filter((overall) => {
    return !told.some(({ impact }) => impact !== "maintenance" || overall.impact === "maintenance");
  });
  return [...told, ...untold.map(({ text, impact }) => ({ text, link, impact }))];
}

/** What the page says of everything, if everything is watched. */
function altogether({ overall }: StatusReport, { components, regions }: Watch) {
  return overall === undefined || components.length > 0 || regions.length > 0 ? [] : [overall];
}

/** Tells components whose state no incident explains. One that names no component may be the reason of all. */
function notNamedBy(incidents: readonly Incident[]): (component: PageComponent) => boolean {
  if (incidents.some(({ components }) => components === undefined)) return () => false;
  const named = new Set(incidents.flatMap(({ components = [] }) => components.map(plain)));
  return ({ names }) => !names.some((name) => named.has(plain(name)));
}

function concerns(incident: Incident, report: StatusReport, { components, regions }: Watch): boolean {
  return (
    (components.length === 0 || components.some((name) => hasComponent(incident, report, name))) &&
    (regions.length === 0 || regions.some((name) => hasRegion(incident, name)))
  );
}

function hasComponent({ components, words }: Incident, report: StatusReport, name: string): boolean {
  if (words !== undefined) return hasWords(words, name);
  // Where the components have a state of their own, that says what an incident does not.
  if (components === undefined || components.length === 0) return report.components === undefined;
  return isAmong(components, name);
}

function hasRegion({ regions, words }: Incident, name: string): boolean {
  if (words !== undefined) return hasWords(words, name);
  return regions === undefined || regions.length === 0 || isAmong(regions, name);
}

function watchedComponents({ components = [], incidents }: StatusReport, watch: Watch): readonly PageComponent[] {
  // They are of all regions. Where an incident is, it says itself.
  if (watch.regions.length > 0 && incidents.length > 0) return [];
  if (watch.components.length === 0) return components;
  return components.filter(({ names }) => watch.components.some((name) => isAmong(names, name)));
}

function unknownComponent(
  { components }: StatusReport,
  watched: readonly string[],
  redact: (text: string) => string,
): HealthCheckError | undefined {
  const unknown = watched.find((name) => components?.some(({ names }) => isAmong(names, name)) === false);
  if (unknown === undefined || components === undefined) return undefined;
  const nearest = nearestNames(unknown, components).map((name) => JSON.stringify(shownText(name, redact)));
  const advice = nearest.length === 0 ? "it lists none" : `the nearest are ${nearest.join(", ")}`;
  return new ServiceReturnedUnexpectedResult(`the page has no component ${JSON.stringify(unknown)}, ${advice}`, {
    reason: "assertion",
  });
}

const maxNearest = 3;
const maxComparedCharacters = 200;

/** Those that have the text in them come first, then those with the fewest other letters. */
function nearestNames(text: string, components: readonly PageComponent[]): readonly string[] {
  const sought = text.toLowerCase().slice(0, maxComparedCharacters);
  const far = (name: string): number => {
    const other = name.toLowerCase().slice(0, maxComparedCharacters);
    return other.includes(sought) ? 0 : 1 + distance(sought, other);
  };
  const ranked = components
    .map(({ title, names }) => ({ title, distance: Math.min(...names.map(far)) }))
    .toSorted((one, other) => one.distance - other.distance);
  return [...new Set(ranked.map(({ title }) => title))].slice(0, maxNearest);
}

function isAmong(names: readonly string[], sought: string): boolean {
  return names.some((name) => plain(name) === plain(sought));
}

function plain(name: string): string {
  return name.trim().toLowerCase();
}
