import { elapsed, wholeNumber } from "../../formats/elapsed.ts";
import { type Markup, markup } from "../../formats/markup.ts";
import { traceAddress } from "../../formats/trace-address.ts";
import { describe } from "../../health/failure.ts";
import type { Incident } from "../../health/history/history.ts";
import type { Report } from "../../health/report.ts";
import { moment } from "../moment.ts";
import { badge } from "../states.ts";
import { type Episode, type Flapping, foldFlapping } from "./flapping.ts";

/** How incidents are shown. */
export interface EpisodeView {
  /** The report of the page that they are on. */
  readonly report: Report;
  /** Where the page of a check is; undefined on that page itself, which need not name it. */
  readonly checkHref?: ((name: string) => string) | undefined;
  /** Where an incident can be linked to for good. */
  readonly permalink: (incident: Incident) => string;
}

/** Incidents as rows, those of a check that flaps as one. */
export function episodeTable(incidents: readonly Incident[], view: EpisodeView): Markup {
  const rows = foldFlapping(incidents).map((episode) =>
    "incidents" in episode ? flappingRow(episode, view) : incidentRow(episode, view),
  );
  return markup`<div class="card"><table class="changes" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="state">State</th><th role="columnheader" scope="col">What was wrong</th><th role="columnheader" scope="col" class="took">Lasted</th><th role="columnheader" scope="col" class="began">Began</th></tr></thead>
<tbody role="rowgroup">${rows}</tbody></table></div>`;
}

/** The identifier of an incident's row, which addresses end with. */
export function incidentAnchor({ id }: Pick<Incident, "id">): string {
  return `incident-${id.replaceAll(/[^\w-]/g, (character) => `.${character.codePointAt(0)?.toString(16)}.`)}`;
}

function incidentRow(incident: Incident, view: EpisodeView): Markup {
  const { state, check, startedAt } = incident;
  const what = markup`${named(check, view)}${found(incident)}${more(incident, view)}`;
  return markup`<tr id="${incidentAnchor(incident)}" role="row"><td class="state" role="cell">${badge(state)}</td><td class="what ${state}" role="cell">${what}</td><td class="took" role="cell">${lasted(incident, view)}</td><td class="began" role="cell"><a href="${view.permalink(incident)}">${moment(startedAt)}</a></td></tr>\n`;
}

/** Its first row says how often and in which time; the incidents are behind it. */
function flappingRow(flapping: Flapping, view: EpisodeView): Markup {
  const { state, check, incidents, startedAt, endedAt } = flapping;
  const [newest] = incidents;
  const times = `${wholeNumber(incidents.length)} times in ${elapsed((endedAt ?? view.report.createdAt) - startedAt)}`;
  const each = incidents.map(
    (incident) =>
      markup`<li id="${incidentAnchor(incident)}"><a href="${view.permalink(incident)}">${moment(incident.startedAt)}</a>, ${lasted(incident, view)}${found(incident)}${more(incident, view)}</li>`,
  );
  const what = markup`${named(check, view)}${newest && found(newest)}<details><summary>${times}</summary><ol class="flapping">${each}</ol></details>`;
  return markup`<tr role="row"><td class="state" role="cell">${badge(state)}</td><td class="what ${state}" role="cell">${what}</td><td class="took" role="cell">${lasted(flapping, view)}</td><td class="began" role="cell">${moment(startedAt)}</td></tr>\n`;
}

function named(check: string, { checkHref }: EpisodeView): Markup | undefined {
  return checkHref && markup`<a class="name" href="${checkHref(check)}"><bdi>${check}</bdi></a>`;
}

function found({ failure }: Incident): Markup | undefined {
  return failure && markup`<div class="message">${describe(failure)}</div>`;
}

/** The reason, and the trace of the run that found it. */
function more({ failure, traceId }: Incident, { report }: EpisodeView): Markup | undefined {
  const address = traceAddress(report, traceId);
  const trace =
    traceId !== undefined &&
    (address === undefined
      ? markup`trace <code>${traceId}</code>`
      : markup`<a href="${address}">trace <code>${traceId.slice(0, 8)}…</code></a>`);
  const parts = [failure?.reason !== undefined && `reason ${failure.reason}`, trace].filter((part) => part !== false);
  if (parts.length === 0) return undefined;
  return markup`<div class="history">${parts.map((part, index) => [index > 0 && " · ", part])}</div>`;
}

function lasted({ startedAt, endedAt }: Episode, { report: { createdAt } }: EpisodeView): string {
  const length = elapsed((endedAt ?? createdAt) - startedAt);
  return endedAt === undefined ? `${length} so far` : length;
}
