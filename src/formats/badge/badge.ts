import type { Format } from "../format.ts";
import { offered } from "../offered-formats.ts";
import { badgeOf, badgeWants, readBadgeQuery } from "./badge-query.ts";
import { drawBadge } from "./draw-badge.ts";

/** How long a badge may be kept by who shows it. */
export const badgeHeaders = { "Cache-Control": "max-age=60" } as const;

/**
 * One line to show elsewhere, as an image: the state, the uptime or the response time of an endpoint or a check. It always
 * answers 200, since a browser shows no image of another status.
 */
export const badge: Format = {
  ...offered.badge,
  tellsByStatus: false,
  headers: badgeHeaders,
  readQuery: readBadgeQuery,
  wants: badgeWants,
  render: (report, context) => `${drawBadge(badgeOf(report, context))}\n`,
};
