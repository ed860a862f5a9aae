import { elapsed } from "../formats/elapsed.ts";
import { type Markup, markup } from "../formats/markup.ts";

/** The parts of `Sat, 14 Mar 2026 15:09:26 GMT`. */
const utc = /^\w+, 0?(?<day>\d+ \w+ \d+) (?<time>[\d:]+) GMT$/;

/** A moment as everybody reads it: `14 Mar 2026, 15:09:26 UTC`. Without `Intl`, which holds megabytes. */
function absolute(at: number): string {
  return new Date(at).toUTCString().replace(utc, "$<day>, $<time> UTC");
}

/** How long ago something was, with the moment itself for a pointer that rests on it. */
export function ago(at: number, now: number): Markup {
  return relative(at, agoText(at, now));
}

/** For how long something has been so, with the moment of its beginning. */
export function lasting(since: number, now: number): Markup {
  return relative(since, elapsed(now - since));
}

function relative(at: number, text: string): Markup {
  return markup`<time datetime="${new Date(at).toISOString()}" title="${absolute(at)}">${text}</time>`;
}

function agoText(at: number, now: number): string {
  return now - at < 1000 ? "just now" : `${elapsed(now - at)} ago`;
}

/** A moment, and how long ago it was. */
export function momentAndAgo(at: number, now: number): Markup {
  return markup`${moment(at)} <span class="muted">(${agoText(at, now)})</span>`;
}

/** A moment. */
export function moment(at: number): Markup {
  return markup`<time datetime="${new Date(at).toISOString()}">${absolute(at)}</time>`;
}
