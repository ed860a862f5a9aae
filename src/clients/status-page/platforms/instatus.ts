import { z } from "zod";
import { type Impact, momentOf, type PageComponent, type StatusPageContent } from "../status-page.ts";
import { readJson } from "./json-page.ts";

const happening = z.object({
  name: z.string(),
  started: z.string().nullish(),
  start: z.string().nullish(),
  status: z.string(),
  impact: z.string().nullish(),
  url: z.string().nullish(),
});

/** `GET /summary.json` of Instatus. Lists are left out when they are empty. */
const summary = z.object({
  page: z.object({ url: z.string().nullish(), status: z.enum(["UP", "HASISSUES", "UNDERMAINTENANCE"]) }),
  activeIncidents: z.array(happening).nullish(),
  activeMaintenances: z.array(happening).nullish(),
});

/** `GET /v3/components.json` of Instatus. */
const componentList = z.object({
  components: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      status: z.string(),
      group: z.union([z.string(), z.object({ name: z.string() })]).nullish(),
    }),
  ),
});

const pageImpacts = { UP: "none", HASISSUES: "minor", UNDERMAINTENANCE: "maintenance" } as const;

/** Reads the summary of a page of Instatus. It names no components. */
export function readInstatus(text: string): StatusPageContent | undefined {
  return readJson(text, summary, ({ page, activeIncidents, activeMaintenances }) => {
    const toIncident = (impact: "major" | "minor" | "maintenance", one: z.infer<typeof happening>) => ({
      title: one.name,
      link: one.url ?? page.url ?? undefined,
      impact,
      beganAt: momentOf(one.started ?? one.start),
    });
    const open = (activeIncidents ?? []).filter(({ status }) => status !== "RESOLVED");
    const underWay = (activeMaintenances ?? []).filter(({ status }) => ["INPROGRESS", "VERIFYING"].includes(status));
    return {
      overall: { impact: pageImpacts[page.status], text: wordsOf(page.status) },
      incidents: [
        ...open.map((one) => toIncident(one.impact === "MAJOROUTAGE" ? "major" : "minor", one)),
        ...underWay.map((one) => toIncident("maintenance", one)),
      ],
      link: page.url ?? undefined,
    };
  });
}

/** Reads the components of a page of Instatus, which are told at another address. */
export function readInstatusComponents(text: string): StatusPageContent | undefined {
  return readJson(text, componentList, ({ components }) => ({
    components: components.map(toComponent),
    incidents: [],
  }));
}

function toComponent({ id, name, status, group }: z.infer<typeof componentList>["components"][number]): PageComponent {
  const groupName = typeof group === "string" ? group : group?.name;
  const full = groupName === undefined ? name : `${groupName} / ${name}`;
  const names = groupName === undefined ? [name, id] : [name, id, full, groupName];
  return { title: full, names, impact: impactOf(status), state: wordsOf(status) };
}

function impactOf(status: string): Impact {
  if (status === "OPERATIONAL") return "none";
  if (status === "UNDERMAINTENANCE") return "maintenance";
  return status === "MAJOROUTAGE" ? "major" : "minor";
}

/** `MAJOROUTAGE` in words. */
function wordsOf(status: string): string {
  return status.toLowerCase().replace(/^(has|under|major|partial|minor|degraded)(?=\w)/, "$1 ");
}
