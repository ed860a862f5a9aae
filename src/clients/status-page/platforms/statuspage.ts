import { z } from "zod";
import { type Impact, type Incident, momentOf, type PageComponent, type StatusPageContent } from "../status-page.ts";
import { readJson } from "./json-page.ts";

const component = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  group: z.boolean().nullish(),
  group_id: z.string().nullish(),
});

const incident = z.object({
  name: z.string(),
  status: z.string(),
  impact: z.string().nullish(),
  shortlink: z.string().nullish(),
  started_at: z.string().nullish(),
  created_at: z.string().nullish(),
  scheduled_for: z.string().nullish(),
  components: z.array(z.object({ id: z.string(), name: z.string() })).nullish(),
});

/** `GET /api/v2/summary.json` of Atlassian Statuspage, whose empty lists are null at incident.io. */
const summary = z.object({
  page: z.object({ url: z.string().nullish() }),
  status: z.object({ indicator: z.string(), description: z.string().nullish() }),
  components: z.array(component).nullish(),
  incidents: z.array(incident).nullish(),
  scheduled_maintenances: z.array(incident).nullish(),
});

type Component = z.infer<typeof component>;

/** Reads the summary of a page of Atlassian Statuspage, or of incident.io, which answers in the same shape. */
export function readStatuspage(text: string): StatusPageContent | undefined {
  return readJson(text, summary, ({ page, status, components: listed, incidents, scheduled_maintenances: works }) => {
    const all = listed ?? [];
    const namesOf = namesIn(all);
    const toIncident = (impact: Incident["impact"], one: z.infer<typeof incident>): Incident => ({
      title: one.name,
      link: one.shortlink ?? page.url ?? undefined,
      impact,
      beganAt: momentOf(one.started_at ?? one.scheduled_for ?? one.created_at),
      components: one.components?.flatMap(({ id, name }) => namesOf.get(id) ?? [id, name]),
    });
    const open = (incidents ?? []).filter(({ status: phase }) => !["resolved", "postmortem"].includes(phase));
    const underWay = (works ?? []).filter(({ status: phase }) => ["in_progress", "verifying"].includes(phase));
    return {
      // It may be none while an incident is open.
      overall: { impact: impactOfPage(status.indicator), text: status.description ?? status.indicator },
      components: all.filter(({ group }) => group !== true).map((one) => toComponent(one, namesOf)),
      incidents: [
        ...open.map((one) => toIncident(isMajor(one.impact) ? "major" : "minor", one)),
        ...underWay.map((one) => toIncident("maintenance", one)),
      ],
      link: page.url ?? undefined,
    };
  });
}

/** By what each component may be called, by its identifier: names repeat, so that of the group belongs to it. */
function namesIn(components: readonly Component[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map(components.map(({ id, name }) => [id, name]));
  return new Map(
    components.map(({ id, name, group_id: groupId }) => {
      const group = groupId == null ? undefined : names.get(groupId);
      const ofGroup = group === undefined || groupId == null ? [] : [`${group} / ${name}`, group, groupId];
      return [id, [name, id, ...ofGroup]];
    }),
  );
}

function toComponent({ id, name, status }: Component, namesOf: ReadonlyMap<string, readonly string[]>): PageComponent {
  const names = namesOf.get(id) ?? [name];
  return { title: names[2] ?? name, names, impact: impactOfComponent(status), state: status.replaceAll("_", " ") };
}

function impactOfPage(indicator: string): Impact {
  if (indicator === "none" || indicator === "maintenance") return indicator;
  return isMajor(indicator) ? "major" : "minor";
}

function isMajor(impact: string | null | undefined): boolean {
  return impact === "major" || impact === "critical";
}

/** A word that is not known yet is rather trouble than none. */
function impactOfComponent(status: string): Impact {
  const known: Readonly<Record<string, Impact>> = {
    operational: "none",
    major_outage: "major",
    full_outage: "major",
    under_maintenance: "maintenance",
  };
  return known[status] ?? "minor";
}
