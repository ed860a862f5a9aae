/** What a clock on the wall shows, as if it were in UTC: milliseconds since the epoch. */
export type WallTime = number;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether this is the name of a time zone in the IANA database: `Europe/Berlin`, `UTC`. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+/-]*$/.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false; // What `Intl` does not know.
  }
}

/** What the clocks of a time zone show at a moment, to the second. */
export function wallTimeAt(zone: string, moment: number): WallTime {
  if (zone === "UTC") return moment;
  const parts = formatOf(zone).formatToParts(moment);
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((one) => one.type === type)?.value);
  const seconds = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return seconds + (moment - Math.floor(moment / 1000) * 1000);
}

/**
 * The moment at which the clocks of a time zone show a time. A time that comes twice is the first of them. One that is left out
 * when the clocks go forward is as long after the change as it would have been (RFC 5545, section 3.3.5).
 */
export function momentOf(zone: string, wall: WallTime): number {
  if (zone === "UTC") return wall;
  const dayMilliseconds = 86_400_000;
  const before = offsetAt(zone, wall - dayMilliseconds);
  const after = offsetAt(zone, wall + dayMilliseconds);
  const possible = [wall - before, wall - after].filter((moment) => wallTimeAt(zone, moment) === wall);
  return possible.length === 0 ? wall - before : Math.min(...possible);
}

/** How far the clocks are ahead of UTC, in milliseconds. */
function offsetAt(zone: string, moment: number): number {
  return wallTimeAt(zone, moment) - moment;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    const numeric = { year: "numeric", month: "numeric", day: "numeric" } as const;
    const time = { hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" } as const;
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, calendar: "iso8601", ...numeric, ...time });
    formats.set(zone, format);
  }
  return format;
}

const pattern =
  /^(?<date>\d{4}-\d\d-\d\d)(?:[T ](?<time>\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(?<offset>Z|[+-]\d\d:\d\d)?)?$/;

/**
 * Reads `2026-12-01`, `2026-12-01 22:00` or `2026-12-01T22:00:00`, by the clocks of a time zone unless it ends with `Z` or an
 * offset such as `+01:00`.
 * @returns milliseconds since the epoch; undefined when there is no such time
 */
export function readMoment(text: string, zone: string): number | undefined {
  const { date, time = "00:00", offset } = pattern.exec(text)?.groups ?? {};
  if (date === undefined) return undefined;
  const wall = Date.parse(`${date}T${time}Z`);
  // `Date` reads February 30 as a day in March.
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 10) !== date) return undefined;
  if (offset === undefined) return momentOf(zone, wall);
  const moment = Date.parse(`${date}T${time}${offset}`);
  return Number.isNaN(moment) ? undefined : moment;
}
