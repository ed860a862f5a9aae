import type { Format, OfferedFormat } from "../../formats/format.ts";
import { json } from "../../formats/json.ts";
import { text } from "../../formats/text.ts";
import { loadOnce } from "../../health/load-once.ts";

/** What probes ask for, and so what is asked for first. */
const loaded: ReadonlyMap<string, Format> = new Map([json, text].map((format) => [format.name, format]));

/**
 * Loads what renders all formats: the web page, the feeds and OpenMetrics are a seventh of what a server would load before its
 * first answer, which seldom needs them.
 */
export const loadFormats = loadOnce(async (): Promise<ReadonlyMap<string, Format>> => {
  const { formats } = await import("../formats.ts");
  return new Map(formats.map((format) => [format.name, format]));
});

/** A format that was chosen, with what renders it. */
export function loadFormat({ name }: OfferedFormat): Format | Promise<Format> {
  return loaded.get(name) ?? loadAny(name);
}

async function loadAny(name: string): Promise<Format> {
  const format = (await loadFormats()).get(name);
  if (format === undefined) throw new Error(`the format ${name} is offered, but nothing renders it`);
  return format;
}

const loadIncidentFormats = loadOnce(async (): Promise<ReadonlyMap<string, Format>> => {
  const { incidentFormats } = await import("../../page/incidents/incident-formats.ts");
  return new Map(incidentFormats.map((format) => [format.name, format]));
});

/** A format that was chosen for the incidents of an endpoint, with what renders it. */
export async function loadIncidentFormat({ name }: OfferedFormat): Promise<Format> {
  const format = (await loadIncidentFormats()).get(name);
  if (format === undefined) throw new Error(`the format ${name} is offered for incidents, but nothing renders it`);
  return format;
}
