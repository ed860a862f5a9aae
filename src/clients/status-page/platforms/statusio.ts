import { z } from "zod";
import { type Impact, momentOf, type PageComponent, type StatusPageContent } from "../status-page.ts";
import { readJson } from "./json-page.ts";

const component = z.object({ id: z.string(), name: z.string(), status_code: z.number() });
const named = z.object({ _id: z.string(), name: z.string() });

const happening = z.object({
  name: z.string(),
  datetime_open: z.string().nullish(),
  datetime_planned_start: z.string().nullish(),
  components_affected: z.array(named).nullish(),
});

/** `GET https://api.status.io/1.0/status/ID` of Status.io. */
const page = z.object({
  result: z.object({
    status_overall: z.object({ status: z.string(), status_code: z.number() }),
    status: z.array(component).nullish(),
    incidents: z.array(happening).nullish(),
    maintenance: z.object({ active: z.array(happening).nullish() }).nullish(),
  }),
});

/** Reads a page of Status.io. */
export function readStatusio(text: string): StatusPageContent | undefined {
  return readJson(text, page, ({ result: { status_overall: overall, status, incidents, maintenance } }) => {
    const components = (status ?? []).map(
      ({ id, name, status_code: code }): PageComponent => ({
        title: name,
        names: [name, id],
        impact: impactOf(code),
        state: stateOf(code),
      }),
    );
    const toIncident = (impact: "major" | "minor" | "maintenance", one: z.infer<typeof happening>) => ({
      title: one.name,
      impact,
      beganAt: momentOf(one.datetime_open ?? one.datetime_planned_start),
      components: one.components_affected?.flatMap(({ _id: id, name }) => [name, id]),
    });
    // How bad an incident is, only the page as a whole says.
    const impact = impactOf(overall.status_code) === "major" ? "major" : "minor";
    return {
      overall: { impact: impactOf(overall.status_code), text: overall.status },
      components,
      incidents: [
        ...(incidents ?? []).map((one) => toIncident(impact, one)),
        ...(maintenance?.active ?? []).map((one) => toIncident("maintenance", one)),
      ],
    };
  });
}

function impactOf(code: number): Impact {
  if (code < 200) return "none";
  if (code < 300) return "maintenance";
  return code < 500 ? "minor" : "major";
}

function stateOf(code: number): string {
  const states: Readonly<Record<number, string>> = {
    100: "operational",
    200: "under maintenance",
    300: "degraded performance",
    400: "partial outage",
    500: "outage",
    600: "security event",
  };
  return states[code] ?? `status ${code}`;
}
