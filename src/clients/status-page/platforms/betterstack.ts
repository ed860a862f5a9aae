import { z } from "zod";
import { type Impact, type Incident, momentOf, type PageComponent, type StatusPageContent } from "../status-page.ts";
import { readJson } from "./json-page.ts";

const resource = z.object({
  type: z.literal("status_page_resource"),
  id: z.string(),
  attributes: z.object({ public_name: z.string(), status: z.string() }),
});

const statusReport = z.object({
  type: z.literal("status_report"),
  attributes: z.object({
    title: z.string(),
    report_type: z.string().nullish(),
    starts_at: z.string().nullish(),
    ends_at: z.string().nullish(),
    aggregate_state: z.string(),
    affected_resources: z.array(z.object({ status_page_resource_id: z.string() })).nullish(),
  }),
});

/** What else may be included, such as sections. */
const anything = z.object({ type: z.string() }).transform(() => undefined);

/** `GET /index.json` of Better Stack. */
const page = z.object({
  data: z.object({
    type: z.literal("status_page"),
    attributes: z.object({ aggregate_state: z.enum(["operational", "degraded", "downtime", "maintenance"]) }),
  }),
  included: z.array(z.union([resource, statusReport, anything])).nullish(),
});

/** Reads a page of Better Stack. */
export function readBetterstack(text: string): StatusPageContent | undefined {
  return readJson(text, page, ({ data, included }, now) => {
    const parts = included ?? [];
    const resources = parts.filter((part) => part?.type === "status_page_resource");
    const reports = parts.filter((part) => part?.type === "status_report");
    const namesOf = new Map(resources.map(({ id, attributes }) => [id, [attributes.public_name, id]]));
    const state = data.attributes.aggregate_state;
    return {
      overall: { impact: impactOf(state), text: state },
      components: resources.map(
        ({ id, attributes: { public_name: name, status } }): PageComponent => ({
          title: name,
          names: [name, id],
          impact: impactOf(status),
          state: status.replaceAll("_", " "),
        }),
      ),
      incidents: reports.flatMap(({ attributes }) => toIncident(attributes, namesOf, now)),
    };
  });
}

function toIncident(
  report: z.infer<typeof statusReport>["attributes"],
  namesOf: ReadonlyMap<string, readonly string[]>,
  now: number,
): readonly Incident[] {
  const { title, starts_at: start, ends_at: end, aggregate_state: state, report_type: type } = report;
  // The end may be missing though it is resolved, and a maintenance is told before it begins.
  const impact = type === "maintenance" && impactOf(state) !== "none" ? "maintenance" : impactOf(state);
  const [beganAt, endsAt] = [momentOf(start), momentOf(end)];
  if (impact === "none" || (beganAt ?? 0) > now || (endsAt ?? now) < now) return [];
  const components = report.affected_resources?.flatMap(({ status_page_resource_id: id }) => namesOf.get(id) ?? [id]);
  return [{ title, impact, beganAt, components }];
}

/** A word that is not known yet is rather trouble than none. */
function impactOf(state: string): Impact {
  if (["operational", "resolved", "not_monitored"].includes(state)) return "none";
  if (state === "maintenance") return "maintenance";
  return state === "downtime" ? "major" : "minor";
}
