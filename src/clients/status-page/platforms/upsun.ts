import { z } from "zod";
import { momentOf, type StatusPageContent } from "../status-page.ts";
import { readJson } from "./json-page.ts";

/** `GET https://status.upsun.com/data/incidents.json`. */
const page = z.object({
  incidents: z.array(
    z.object({
      description: z.string(),
      status: z.string(),
      region_ids: z.array(z.union([z.string(), z.number()])).nullish(),
      created_at: z.string().nullish(),
      closed_at: z.string().nullish(),
      components: z.array(z.object({ name: z.string(), status: z.string().nullish() })).nullish(),
    }),
  ),
});

const site = "https://status.upsun.com/";

/** Reads the incidents of Upsun, formerly Platform.sh. */
export function readUpsun(text: string): StatusPageContent | undefined {
  return readJson(text, page, ({ incidents }) => {
    const open = incidents.filter(
      ({ closed_at: end, status }) => end == null && !["resolved", "closed"].includes(status),
    );
    return {
      incidents: open.map(({ description, created_at: start, region_ids: regions, components }) => ({
        title: description,
        link: site,
        impact: components?.some(({ status }) => status === "major_outage") ? "major" : "minor",
        beganAt: momentOf(start),
        components: (components ?? []).map(({ name }) => name),
        regions: (regions ?? []).map(String),
      })),
      link: site,
    };
  });
}
