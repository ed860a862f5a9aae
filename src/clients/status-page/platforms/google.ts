import { z } from "zod";
import { momentOf, type StatusPageContent } from "../status-page.ts";
import { readJson } from "./json-page.ts";

const named = z.object({ title: z.string(), id: z.string() });

/** `GET https://status.cloud.google.com/incidents.json`: those of years, of which the open ones have no end. */
const history = z
  .array(
    z.object({
      begin: z.string(),
      end: z.string().nullish(),
      external_desc: z.string(),
      status_impact: z.string(),
      affected_products: z.array(named).nullish(),
      currently_affected_locations: z.array(named).nullish(),
      uri: z.string().nullish(),
    }),
  )
  // The closed ones, thousands, are not kept.
  .transform((all) => {
    return all.filter(({ end, status_impact: impact }) => end == null && impact !== "SERVICE_INFORMATION");
  });

const site = "https://status.cloud.google.com/";

/** Reads the incidents of Google Cloud. */
export function readGoogle(text: string): StatusPageContent | undefined {
  return readJson(text, history, (open) => ({
    incidents: open.map((one) => ({
      title: one.external_desc,
      link: one.uri == null ? site : URL.parse(one.uri, site)?.href,
      impact: one.status_impact === "SERVICE_OUTAGE" ? "major" : "minor",
      beganAt: momentOf(one.begin),
      components: (one.affected_products ?? []).flatMap(({ title, id }) => [title, id]),
      regions: (one.currently_affected_locations ?? []).flatMap(({ title, id }) => [title, id]),
    })),
    link: site,
  }));
}
