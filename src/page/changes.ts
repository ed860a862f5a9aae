import { elapsed } from "../formats/elapsed.ts";
import { pathSegment } from "../formats/endpoint-address.ts";
import { type Markup, markup } from "../formats/markup.ts";
import { newestChanges } from "../formats/newest-changes.ts";
import { describe } from "../health/failure.ts";
import type { CheckReport, Transition } from "../health/report.ts";
import { ago } from "./moment.ts";
import { badge } from "./states.ts";

/** How many recent changes the page of an endpoint shows. */
const maxChanges = 10;

/**
 * The most recent changes of all checks, newest first. That a check is healthy at the start is not shown as a change.
 * @param here the start of relative links to the endpoint
 */
export function recentChanges(checks: readonly CheckReport[], here: string, now: number): Markup {
  const changes = newestChanges(checks)
    .filter(({ transition: { from, to } }) => from !== "unknown" || to !== "healthy")
    .slice(0, maxChanges);
  if (changes.length === 0) return markup`<p class="card none">No changes since the start.</p>`;
  const rows = changes.map(
    ({ check: { name }, transition: { at, to, failure }, before }) =>
      markup`<tr role="row"><td class="state" role="cell">${badge(to)}</td><td class="what ${to}" role="cell"><a class="name" href="${here}${pathSegment(name)}/"><bdi>${name}</bdi></a>${failure === undefined ? recovery(at, before) : markup`<div class="message">${describe(failure)}</div>`}</td><td class="since" role="cell">${ago(at, now)}</td></tr>\n`,
  );
  return markup`<div class="card"><table class="changes" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="state">New state</th><th role="columnheader" scope="col">Check</th><th role="columnheader" scope="col" class="since">When</th></tr></thead>
<tbody role="rowgroup">${rows}</tbody></table></div>`;
}

/** What a check recovered from. */
function recovery(at: number, before: Transition | undefined): Markup | undefined {
  if (before?.failure === undefined) return undefined;
  return markup`<div class="history">after ${elapsed(at - before.at)}: ${describe(before.failure)}</div>`;
}

/** All known changes of one check, newest first, with the time it spent in each state. */
export function changesOfCheck(transitions: readonly Transition[], now: number): Markup {
  if (transitions.length === 0) return markup`<p class="card none">No changes have been recorded.</p>`;
  const rows = transitions.map(({ at, to, failure }, index) => {
    const until = transitions[index - 1]?.at ?? now;
    return markup`<tr role="row"><td class="state" role="cell">${badge(to)}</td><td class="what ${to}" role="cell"><div class="message">${describe(failure)}</div></td><td class="took" role="cell">${elapsed(until - at)}</td><td class="since" role="cell">${ago(at, now)}</td></tr>\n`;
  });
  return markup`<div class="card"><table class="changes" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="state">New state</th><th role="columnheader" scope="col">Message</th><th role="columnheader" scope="col" class="took">Lasted</th><th role="columnheader" scope="col" class="since">When</th></tr></thead>
<tbody role="rowgroup">${rows}</tbody></table></div>`;
}
