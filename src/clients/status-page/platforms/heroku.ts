import { z } from "zod";
import { type Impact, momentOf, type StatusPageContent } from "../status-page.ts";
import { readJson } from "./json-page.ts";

/** `GET https://status.heroku.com/api/v4/current-status`. What it has as `scheduled` may be long past. */
const page = z.object({
  status: z.array(z.object({ system: z.string(), status: z.string() })).min(1),
  incidents: z.array(
    z.object({
      title: z.string(),
      state: z.string(),
      created_at: z.string().nullish(),
      full_url: z.string().nullish(),
      tags: z.array(z.string()).nullish(),
    }),
  ),
});

const site = "https://status.heroku.com/";

/** Reads the status of Heroku. Its regions are the tags of incidents. */
export function readHeroku(text: string): StatusPageContent | undefined {
  return readJson(text, page, ({ status, incidents }) => {
    const components = status.map(({ system, status: colour }) => {
      return { title: system, names: [system], impact: impactOf(colour), state: colour };
    });
    // How bad an incident is, only the systems say.
    const impact = components.some((one) => one.impact === "major") ? "major" : "minor";
    const open = incidents.filter(({ state }) => state !== "resolved"); // `resolved` may say otherwise, and be wrong.
    return {
      components,
      incidents: open.map(({ title, full_url: link, created_at: start, tags }) => {
        return { title, link: link ?? site, impact, beganAt: momentOf(start), regions: tags ?? [] };
      }),
      link: site,
    };
  });
}

function impactOf(colour: string): Impact {
  if (colour === "green") return "none";
  return colour === "red" ? "major" : "minor";
}
