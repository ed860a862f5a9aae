import { elapsed } from "../formats/elapsed.ts";
import { pathSegment } from "../formats/endpoint-address.ts";
import { type Markup, markup } from "../formats/markup.ts";
import type { Sibling, Site } from "../formats/site.ts";
import type { Incident } from "../health/history/history.ts";
import { ago, lasting } from "./moment.ts";

/** What is watched, and where else its operators want readers to go. */
export function masthead(title: string, { logo, links = [] }: Site, rest?: Markup): Markup {
  const image = logo !== undefined && markup`<img class="logo" src="${logo}" alt=""/>`;
  const further = links.map(({ title: text, url }) => markup`<li><a href="${url}"><bdi>${text}</bdi></a></li>`);
  return markup`<div class="masthead">${image}<bdi class="service">${title}</bdi>${rest}</div>${
    further.length > 0 && markup`<nav aria-label="Links"><ul class="links">${further}</ul></nav>`
  }`;
}

/** The endpoints that the reader may see, as tabs; nothing when there is no other one. */
export function endpointTabs(siblings: readonly Sibling[], linkPrefix: string): Markup | undefined {
  if (siblings.length < 2) return undefined;
  const tabs = siblings.map(
    ({ path, href, isCurrent }) =>
      markup`<li><a href="${linkPrefix}${href}"${isCurrent && markup` aria-current="page"`}><bdi>${path}</bdi></a></li>`,
  );
  return markup`<nav class="tabs" aria-label="Endpoints"><ul>${tabs}</ul></nav>
`;
}

/** The incident that began last, in half a sentence. */
export function lastIncident(incident: Incident, here: string, now: number): Markup {
  const { check, startedAt, endedAt } = incident;
  const link = markup`<a href="${here}${pathSegment(check)}/"><bdi>${check}</bdi></a>`;
  return endedAt === undefined
    ? markup`Incident of ${link} for ${lasting(startedAt, now)}`
    : markup`Last incident: ${link}, ${ago(startedAt, now)}, for ${elapsed(endedAt - startedAt)}`;
}
