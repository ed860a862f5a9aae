import type { Format } from "../format.ts";
import { jsonText } from "../json-text.ts";
import { offered } from "../offered-formats.ts";
import { badgeHeaders } from "./badge.ts";
import { badgeOf, badgeWants, readBadgeQuery } from "./badge-query.ts";

/** The same as a badge, in the form of the "endpoint badge" of shields.io, which draws it. */
export const shields: Format = {
  ...offered.shields,
  tellsByStatus: false,
  headers: badgeHeaders,
  readQuery: readBadgeQuery,
  wants: badgeWants,
  render: (report, context) => {
    const { label, message, color, isError } = badgeOf(report, context);
    return jsonText({ schemaVersion: 1, label, message, color: color.slice(1), isError, cacheSeconds: 60 });
  },
};
