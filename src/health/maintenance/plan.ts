import { createHash } from "node:crypto";
import type { z } from "zod";
import type { Maintenance } from "./maintenance.ts";
import type { plannedMaintenance } from "./maintenance-fields.ts";
import { byCron, type Occurrence, type Occurrences, once, repeated } from "./occurrences.ts";
import { groupPath, type Scope } from "./scope.ts";
import { readMoment } from "./zone.ts";

/** A maintenance that comes once, or again and again. */
export interface MaintenancePlan {
  readonly title: string;
  readonly scope: Scope;
  readonly occurrences: Occurrences;
  /** The maintenance of one of its occurrences. */
  maintenanceOf(occurrence: Occurrence): Maintenance;
}

/** What is wrong with one option of a planned maintenance. */
export interface PlanIssue {
  /** Undefined when it is wrong with all of them together. */
  readonly option: "start" | "duration" | "end" | "every" | "cron" | undefined;
  readonly message: string;
}

type Options = z.output<typeof plannedMaintenance>;

/** A plan, or what is wrong with it. */
export type MadePlan =
  | { readonly plan: MaintenancePlan; readonly issues?: never }
  | { readonly plan?: never; readonly issues: readonly PlanIssue[] };

/** Makes a plan of options that are valid each. */
export function planOf(options: Options): MadePlan {
  const when = occurrencesOf(options);
  if ("issues" in when) return when;
  const scope: Scope = { checks: new Set(options.checks), groups: (options.groups ?? []).map(groupPath) };
  const key = JSON.stringify([options.title, options.checks, options.groups]);
  return { plan: { title: options.title, scope, ...when, maintenanceOf: maintenanceOf(options.title, key) } };
}

/** The one maintenance that a scope is in. */
export function planOfOne(maintenance: Maintenance, scope: Scope): MaintenancePlan {
  const { title, startsAt, endsAt = Number.POSITIVE_INFINITY } = maintenance;
  return { title, scope, occurrences: once({ startsAt, endsAt }), maintenanceOf: () => maintenance };
}

/** The same plan, of which some maintenances ended before their time. */
export function cutShort(plan: MaintenancePlan, endedAt: ReadonlyMap<string, number>): MaintenancePlan {
  const { occurrences, maintenanceOf: of } = plan;
  const cut = (occurrence: Occurrence): Occurrence => {
    const end = endedAt.get(of(occurrence).id) ?? Number.POSITIVE_INFINITY;
    return end < occurrence.endsAt ? { ...occurrence, endsAt: end } : occurrence;
  };
  return {
    ...plan,
    occurrences: {
      between: (from, until) =>
        occurrences
          .between(from, until)
          .map(cut)
          .filter(({ endsAt }) => endsAt > from),
      next: (after) => {
        const next = occurrences.next(after);
        return next && cut(next);
      },
    },
  };
}

/** The same maintenance again for the same start, since some readers compare by identity. */
function maintenanceOf(title: string, key: string): MaintenancePlan["maintenanceOf"] {
  let last: Maintenance | undefined;
  return ({ startsAt, endsAt }) => {
    if (last?.startsAt !== startsAt || last.endsAt !== endsAt) {
      const id = createHash("sha256").update(`${startsAt} ${key}`).digest("hex").slice(0, 16);
      last = { id, title, startsAt, endsAt };
    }
    return last;
  };
}

function occurrencesOf(options: Options): { readonly occurrences: Occurrences } | { readonly issues: PlanIssue[] } {
  const { duration, every, cron, timezone } = options;
  const issues: PlanIssue[] = [];
  const read = (option: "start" | "end"): number | undefined => {
    const text = options[option];
    if (text === undefined) return undefined;
    const moment = readMoment(text, timezone);
    if (moment === undefined) issues.push({ option, message: momentMessage });
    return moment;
  };
  const start = read("start");
  const end = read("end");
  if (issues.length > 0) return { issues };
  const wrong = wrongTogether(options);
  if (wrong !== undefined) return { issues: [wrong] };
  const milliseconds = duration?.milliseconds ?? (end ?? 0) - (start ?? 0);
  if (milliseconds <= 0) {
    return {
      issues: [
        { option: duration ? "duration" : "end", message: duration ? "must be longer than 0s" : "must be after start" },
      ],
    };
  }
  if (cron !== undefined) return cronOf(cron, milliseconds, timezone, start ?? Number.NEGATIVE_INFINITY);
  const startsAt = start ?? 0; // Required without cron.
  if (every === undefined) return { occurrences: once({ startsAt, endsAt: startsAt + milliseconds }) };
  if (every.milliseconds <= milliseconds) {
    return { issues: [{ option: "every", message: "must be longer than the maintenance, which would never end" }] };
  }
  const length = end === undefined ? { milliseconds } : { endsAt: end };
  return { occurrences: repeated(startsAt, length, every.milliseconds, timezone) };
}

const momentMessage = "must be a date and time that exists, such as 2026-12-01 22:00 or 2026-12-01T22:00:00+01:00";

function wrongTogether({ start, duration, end, every, cron }: Options): PlanIssue | undefined {
  if (every !== undefined && cron !== undefined)
    return { option: "every", message: "cannot be used with cron: give one of them" };
  if (cron !== undefined && end !== undefined)
    return { option: "end", message: "cannot be used with cron: give duration" };
  if (cron === undefined && start === undefined) return { option: undefined, message: "must have start or cron" };
  if (duration !== undefined && end !== undefined)
    return { option: "end", message: "cannot be used with duration: give one of them" };
  if (duration === undefined && end === undefined) {
    return { option: undefined, message: cron === undefined ? "must have duration or end" : "must have duration" };
  }
  return undefined;
}

/** How many times of a pattern are looked at for whether one begins before the last has ended. */
const comparedTimes = 60;

function cronOf(
  pattern: string,
  milliseconds: number,
  zone: string,
  notBefore: number,
): { readonly occurrences: Occurrences } | { readonly issues: PlanIssue[] } {
  const wrong = (message: string) => ({ issues: [{ option: "cron" as const, message }] });
  try {
    const occurrences = byCron(pattern, milliseconds, zone, notBefore);
    // From a fixed moment, so that the same configuration is valid whenever it is loaded.
    let previous = occurrences.next(Math.max(notBefore, Date.UTC(2026, 0, 1)));
    if (previous === undefined) return wrong("names a time that never comes");
    for (let count = 0; count < comparedTimes; count += 1) {
      const next = occurrences.next(previous.startsAt);
      if (next === undefined) break;
      if (next.startsAt <= previous.endsAt)
        return wrong("begins again before duration has passed, and would never end");
      previous = next;
    }
    return { occurrences };
  } catch (error) {
    return wrong(reasonOf(error));
  }
}

/** The library begins its messages with the name of a class. */
function reasonOf(error: unknown): string {
  const { message } = error as Error; // The library throws nothing else.
  const text = message.replace(/^\w+: /, "");
  return text.startsWith("must") ? text : `is not a cron pattern: ${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}
