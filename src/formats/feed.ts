import { createRequire } from "node:module";
import type { Feed, Item } from "feed";
import { describe } from "../health/failure.ts";
import type { Report, Transition } from "../health/report.ts";
import type { State } from "../health/state.ts";
import { announcementItems } from "./announcement-items.ts";
import { elapsed } from "./elapsed.ts";
import { checkAddress } from "./endpoint-address.ts";
import { type Markup, markup } from "./markup.ts";
import { type Change, newestChanges } from "./newest-changes.ts";
import { printable } from "./printable.ts";
import { stableUuid } from "./stable-uuid.ts";

const require = createRequire(import.meta.url);

/** The maximum number of entries in a feed, newest first. */
const maxEntries = 100;

/** Writes the title of an entry: plain text in RSS, HTML in Atom. */
export type TitleWriter = (text: string) => string;

/**
 * The most recent state changes of a report's checks, newest first. Nothing in a feed depends on when it is read, so an
 * unchanged feed has the same bytes.
 * @param name the feed's name in `?format=`, for its own address
 */
export function transitionFeed(report: Report, address: string, name: string, writeTitle: TitleWriter): Feed {
  const announced = announcementItems(report, address, writeTitle);
  const changes = newestChanges(report.checks).slice(0, Math.max(0, maxEntries - announced.length));
  const library: typeof import("feed") = require("feed"); // Loaded on first use: few servers are ever asked for a feed.
  const feed = new library.Feed({
    id: xmlText(address),
    title: xmlText(`Health of ${report.title}`),
    description: xmlText(`Changes of the checks at ${report.path}`),
    link: address,
    feed: `${address}?format=${name}`,
    updated: lastChange(changes, report),
    author: { name: xmlText(report.title) },
    generator: "Healthspan",
    language: "en",
    ttl: 1,
  });
  for (const item of announced) feed.addItem(item);
  for (const change of changes) feed.addItem(itemOf(change, report, address, writeTitle));
  return feed;
}

/** The time of the newest change or announcement; without changes, the time since which all checks have been in their state. */
function lastChange([newest]: readonly Change[], { checks, announcements = [] }: Report): Date {
  const changedAt = newest?.transition.at ?? Math.max(0, ...checks.map(({ since }) => since));
  return new Date(Math.max(changedAt, ...announcements.map(({ at }) => at)));
}

function itemOf(change: Change, report: Report, address: string, writeTitle: TitleWriter): Item {
  const { check, transition } = change;
  const date = new Date(transition.at);
  const content = contentOf(change).toString();
  return {
    id: identifier(change, report.title),
    title: writeTitle(`${check.name}: ${describe(transition.failure)}`),
    link: checkAddress(report, address, check.name),
    date,
    published: date,
    description: content,
    category: categoriesOf(transition).map((name) => ({ name, term: name })),
  };
}

/** By the new state. Those of a check that is healthy or fails are the categories of django-health-check. */
const categories = {
  healthy: ["healthy"],
  degraded: ["degraded", "warning"],
  unhealthy: ["unhealthy", "error"],
  unknown: ["unknown"],
  skipped: ["skipped"],
} as const satisfies Record<State, readonly string[]>;

/** With `maintenance` for what happened in one. */
function categoriesOf({ to, maintenance }: Transition): readonly string[] {
  return maintenance === undefined ? categories[to] : [...categories[to], "maintenance"];
}

/**
 * A UUID that stands for the service, the check, the states and the time: the same from every replica that saw the same change.
 * The time is left out when a check is healthy at the start, so that feed readers do not announce each restart.
 */
function identifier({ check, transition, before }: Change, service: string): string {
  const { at, from, to } = transition;
  const isStart = before === undefined && from === "unknown" && to === "healthy";
  const known = [service, check.name, from, to, isStart ? "start" : new Date(at).toISOString()];
  return `urn:uuid:${stableUuid(known)}`;
}

function contentOf({ check, transition, before }: Change): Markup {
  const { at, to, failure, maintenance } = transition;
  const planned = maintenance === undefined ? "" : ` In maintenance: ${maintenance}.`;
  const reason = failure?.reason === undefined ? "" : ` Reason: ${failure.reason}.`;
  const labels = Object.entries(check.labels).map(([name, value]) => `${name}: ${value}`);
  const known = check.type === undefined ? labels : [check.type, ...labels];
  const what = known.length > 0 && markup`<p>${known.join(", ")}</p>`;
  return markup`<p>${describe(failure)}</p><p>${capitalized(to)} since ${moment(at)}.${reason}${planned}${past(transition, before)}</p>${what}`;
}

function past({ at, from }: Transition, before: Transition | undefined): string {
  if (before === undefined) return "";
  const what = before.failure === undefined ? "" : ` (${describe(before.failure)})`;
  return ` Before, it was ${from} for ${elapsed(at - before.at)}${what}.`;
}

function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function moment(milliseconds: number): Markup {
  const date = new Date(milliseconds);
  return markup`<time datetime="${date.toISOString()}">${date.toUTCString()}</time>`;
}

/**
 * Escapes ampersands for places where the feed library writes text between tags. The library leaves `&amp;` unescaped,
 * assuming that it is already escaped, so that text containing a literal `&amp;` would change.
 */
function xmlText(text: string): string {
  return printable(text).replaceAll("&", "&amp;");
}
