import { elapsed } from "../../formats/elapsed.ts";
import { type Markup, markup } from "../../formats/markup.ts";
import type { CheckReport } from "../../health/report.ts";
import { moment } from "../moment.ts";

const day = 86_400_000;

/** When the earliest certificate ends that a check has seen; nothing when it has seen none. */
export function certificateEnd({ certificateExpiresAt: endsAt }: CheckReport, now: number): Markup | undefined {
  if (endsAt === undefined) return undefined;
  return markup`<section><h2>Certificate</h2><p class="card line">${remaining(endsAt - now)} <span class="muted">(${moment(endsAt)})</span></p></section>
`;
}

function remaining(milliseconds: number): string {
  if (milliseconds <= 0) return `Expired ${length(-milliseconds)} ago`;
  return `Expires in ${length(milliseconds)}`;
}

/** In whole days, from two on. */
function length(milliseconds: number): string {
  return milliseconds < 2 * day ? elapsed(milliseconds) : `${Math.floor(milliseconds / day)} days`;
}
