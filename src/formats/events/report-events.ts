import { createHash } from "node:crypto";
import { describe } from "../../health/failure.ts";
import type { CheckReport, Report, Transition } from "../../health/report.ts";
import type { State } from "../../health/state.ts";
import { announced, isoTime, overallStatus, transitionDetails } from "../health-json.ts";
import { jsonOf } from "../json-text.ts";
import { newestChanges } from "../newest-changes.ts";

/** A change of state as an event, and what it is called. */
interface TransitionEvent {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

/**
 * A report as an event, `report`: the overall status, how many checks are in each state, and those that are not healthy. Its
 * identifier is that of the last change it knows of, so that who comes back gets every change after it.
 */
export function reportEvent(report: Report): string {
  const { checks, createdAt, announcements = [] } = report;
  const counts: Partial<Record<State, number>> = {};
  for (const { state } of checks) counts[state] = (counts[state] ?? 0) + 1;
  const data = {
    status: overallStatus(report),
    time: isoTime(createdAt),
    counts,
    checks: checks.filter(isRemarkable).map(told),
    ...(announcements.length > 0 && { announcements: announcements.map(announced) }),
  };
  return eventText("report", newestId(checks) ?? `${Math.floor(createdAt)}-`, data);
}

/** That of the last of {@link rememberedEvents}, without making the others. */
function newestId(checks: readonly CheckReport[]): string | undefined {
  let newest: { readonly name: string; readonly transition: Transition } | undefined;
  for (const { check, transitions } of checks) {
    const [transition] = transitions;
    if (transition === undefined || transition.at <= (newest?.transition.at ?? Number.NEGATIVE_INFINITY)) continue;
    newest = { name: check.name, transition };
  }
  return newest && identifier(newest.name, newest.transition);
}

function isRemarkable({ state, maintenance }: CheckReport): boolean {
  return state !== "healthy" || maintenance !== undefined;
}

function told({ check, state, since, failure, maintenance }: CheckReport): object {
  return {
    name: check.name,
    state,
    since: isoTime(since),
    ...(failure && { output: describe(failure), reason: failure.reason }),
    ...(maintenance && { maintenance: maintenance.title }),
  };
}

/** What a report tells besides times and durations: while it stays the same, nothing has changed. */
export function gistOf({ passes, checks, announcements }: Report): string {
  const states = checks.flatMap(({ check: { name }, state, failure, maintenance }) =>
    state === "healthy" && maintenance === undefined ? [] : [name, state, describe(failure), maintenance?.id],
  );
  return JSON.stringify([passes, checks.length, states, announcements]);
}

/** Every change that a report remembers as an event, `transition`, the oldest first. */
export function rememberedEvents({ checks }: Pick<Report, "checks">): readonly TransitionEvent[] {
  return newestChanges(checks)
    .map(({ check, transition }) => transitionEvent(check.name, transition))
    .reverse();
}

/**
 * The changes after one that a client has seen. One that is not remembered any more, or that another replica saw, counts by its
 * time.
 * @param lastEventId what the client sends in `Last-Event-ID`
 */
export function eventsAfter(report: Pick<Report, "checks">, lastEventId: string): readonly TransitionEvent[] {
  const events = rememberedEvents(report);
  const index = events.findIndex(({ id }) => id === lastEventId);
  if (index !== -1) return events.slice(index + 1);
  const [, seen] = /^(\d{1,16})-[0-9a-f]*$/.exec(lastEventId) ?? [];
  return seen === undefined ? [] : events.filter(({ at }) => at > Number(seen));
}

/** The changes between two reports of the same checks, the oldest first. */
export function eventsBetween(before: Pick<Report, "checks">, now: Pick<Report, "checks">): readonly TransitionEvent[] {
  const known = new Map(before.checks.map((report) => [report.check.name, report]));
  const changed = now.checks.flatMap((report): readonly CheckReport[] => {
    const { check, transitions } = report;
    const former = known.get(check.name);
    if (former === report) return [];
    const [last] = former?.transitions ?? [];
    const seen = last === undefined ? -1 : transitions.findIndex((transition) => isSame(transition, last));
    const unseen = seen === -1 ? transitions : transitions.slice(0, seen);
    return unseen.length === 0 || former === undefined ? [] : [{ ...report, transitions: unseen }];
  });
  return rememberedEvents({ checks: changed });
}

function isSame(one: Transition, other: Transition): boolean {
  return one === other || (one.at === other.at && one.from === other.from && one.to === other.to);
}

function transitionEvent(check: string, transition: Transition): TransitionEvent {
  const id = identifier(check, transition);
  return { id, at: transition.at, text: eventText("transition", id, { check, ...transitionDetails(transition) }) };
}

function identifier(check: string, { at, from, to }: Transition): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([check, from, to]))
    .digest("hex");
  return `${Math.floor(at)}-${hash.slice(0, 8)}`;
}

/** An event as a stream of server-sent events has it (HTML Living Standard, section 9.2). */
function eventText(event: "report" | "transition", id: string, data: object): string {
  return `event: ${event}\nid: ${id}\ndata: ${jsonOf(data)}\n\n`;
}
