import { createRequire } from "node:module";
import { momentOf, wallTimeAt } from "./zone.ts";

const require = createRequire(import.meta.url);

/** A span of time. */
export interface Occurrence {
  /** Milliseconds since the epoch. */
  readonly startsAt: number;
  /** Milliseconds since the epoch; infinity when it lasts until somebody ends it. */
  readonly endsAt: number;
}

/** The spans of time of something that happens once, or again and again. */
export interface Occurrences {
  /** Those that overlap the time between two moments, in the order in which they begin. */
  between(from: number, until: number): readonly Occurrence[];
  /** The first that begins after a moment; undefined when there is none. */
  next(after: number): Occurrence | undefined;
}

/** How the length of each occurrence is told: as elapsed time, or by when the clocks show its end. */
export type Length = { readonly milliseconds: number } | { readonly endsAt: number };

const dayMilliseconds = 86_400_000;

export function once(occurrence: Occurrence): Occurrences {
  return {
    between: (from, until) => (occurrence.startsAt < until && occurrence.endsAt > from ? [occurrence] : []),
    next: (after) => (occurrence.startsAt > after ? occurrence : undefined),
  };
}

/**
 * Again and again after the same time. When that is whole days, the clocks of the time zone show the same at each start, and at
 * each end if the length is told by that.
 * @param startsAt of the first one
 */
export function repeated(startsAt: number, length: Length, everyMilliseconds: number, zone: string): Occurrences {
  const byClock = everyMilliseconds % dayMilliseconds === 0;
  const move = (moment: number, steps: number): number =>
    byClock ? momentOf(zone, wallTimeAt(zone, moment) + steps * everyMilliseconds) : moment + steps * everyMilliseconds;
  const nth = (index: number): Occurrence => {
    const start = move(startsAt, index);
    return { startsAt: start, endsAt: "endsAt" in length ? move(length.endsAt, index) : start + length.milliseconds };
  };
  const lengthMilliseconds = "endsAt" in length ? length.endsAt - startsAt : length.milliseconds;
  // The clocks may have been moved by as much as a day between the first one and this.
  const indexBefore = (moment: number): number => {
    return Math.max(0, Math.floor((moment - startsAt - lengthMilliseconds - 2 * dayMilliseconds) / everyMilliseconds));
  };
  return remembering({
    between(from, until) {
      const found: Occurrence[] = [];
      for (let index = indexBefore(from); ; index += 1) {
        const one = nth(index);
        if (one.startsAt >= until) return found;
        if (one.endsAt > from) found.push(one);
      }
    },
    next(after) {
      for (let index = indexBefore(after); ; index += 1) {
        const one = nth(index);
        if (one.startsAt > after) return one;
      }
    },
  });
}

/** Five fields, or one of the names for them. */
const cronPattern = /^(?:(?:\S+\s+){4}\S+|@(?:yearly|annually|monthly|weekly|daily|hourly))$/;

/**
 * At each time that a cron pattern names.
 * @param notBefore milliseconds since the epoch
 * @throws Error that says what is wrong with the pattern
 */
export function byCron(pattern: string, milliseconds: number, zone: string, notBefore: number): Occurrences {
  const text = pattern.trim();
  if (!cronPattern.test(text))
    throw new Error('must have five fields: minute, hour, day, month and weekday, such as "0 2 * * SUN"');
  const library: typeof import("croner") = require("croner"); // Loaded on first use: few configurations have a pattern.
  const cron = new library.Cron(text, { timezone: zone, mode: "5-part", paused: true });
  const startAfter = (moment: number): number | undefined => {
    return cron.nextRun(new Date(Math.max(moment, notBefore - 1)))?.getTime();
  };
  return remembering({
    between(from, until) {
      const found: Occurrence[] = [];
      let start = startAfter(from - milliseconds);
      while (start !== undefined && start < until) {
        found.push({ startsAt: start, endsAt: start + milliseconds });
        start = startAfter(start);
      }
      return found;
    },
    next(after) {
      const start = startAfter(after);
      return start === undefined ? undefined : { startsAt: start, endsAt: start + milliseconds };
    },
  });
}

/** How much around the time asked for is computed with it. */
const marginMilliseconds = 6 * 3_600_000;

/** Keeps what was computed last: thousands of checks ask for the same time. */
function remembering(occurrences: Occurrences): Occurrences {
  let known: { readonly from: number; readonly until: number; readonly found: readonly Occurrence[] } | undefined;
  return {
    ...occurrences,
    between(from, until) {
      if (known === undefined || from < known.from || until > known.until) {
        const wide = { from: from - marginMilliseconds, until: until + marginMilliseconds };
        known = { ...wide, found: occurrences.between(wide.from, wide.until) };
      }
      return known.found.filter(({ startsAt, endsAt }) => startsAt < until && endsAt > from);
    },
  };
}
