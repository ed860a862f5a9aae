import { elapsed } from "../formats/elapsed.ts";
import { type Markup, markup } from "../formats/markup.ts";

/** The parts of `Sat, 14 Mar 2026 15:09:26 GMT`. */
const utc = /^\w+, 0?(?<day>\d+ \w+ \d+) (?<time>[\d:]+) GMT$/;

/** A date and time: `14 Mar 2026, 15:09:26 UTC`. Not by `Intl`, which would keep megabytes in memory. */
function absolute(at: number): string {
  return new Date(at).toUTCString().replace(utc, "$<day>, $<time> UTC");
}

/** A day without its year, and the time: `14 Mar, 15:09`. */
export function dayAndTime(at: number, withTime: boolean): string {
  const [, day = "", month = "", , time = ""] = new Date(at).toUTCString().split(" ");
  const date = `${day.replace(/^0/, "")} ${month}`;
  return withTime ? `${date}, ${time.slice(0, 5)}` : date;
}

/** A moment of UTC without its year: `14 Mar 15:00`. */
export function clock(at: number): string {
  const [, date = "", month = "", , time = ""] = new Date(at).toUTCString().split(" ");
  return `${Number(date)} ${month} ${time.slice(0, 5)}`;
}

/** How long ago something happened; the date and time appear as a tooltip. */
export function ago(at: number, now: number): Markup {
  return relative(at, agoText(at, now));
}

/** How long something has lasted; its start appears as a tooltip. */
export function lasting(since: number, now: number): Markup {
  return relative(since, elapsed(now - since));
}

function relative(at: number, text: string): Markup {
  return markup`<time datetime="${new Date(at).toISOString()}" title="${absolute(at)}">${text}</time>`;
}

function agoText(at: number, now: number): string {
  return now - at < 1000 ? "just now" : `${elapsed(now - at)} ago`;
}

/** A date and time, and how long ago it was. */
export function momentAndAgo(at: number, now: number): Markup {
  return markup`${moment(at)} <span class="muted">(${agoText(at, now)})</span>`;
}

/** A date and time. */
export function moment(at: number): Markup {
  return markup`<time datetime="${new Date(at).toISOString()}">${absolute(at)}</time>`;
}
