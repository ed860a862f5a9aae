import { z } from "zod";
import type { Incident, StatusPageContent } from "../status-page.ts";
import { readJson } from "./json-page.ts";

/** `GET https://health.aws.amazon.com/public/currentevents`: an empty list when all is calm. */
const events = z.array(
  z.object({
    date: z.union([z.string(), z.number()]),
    arn: z.string(),
    region_name: z.string().nullish(),
    status: z.union([z.string(), z.number()]),
    service: z.string(),
    service_name: z.string().nullish(),
    summary: z.string().nullish(),
    impacted_services: z.record(z.string(), z.object({ service_name: z.string().nullish() })).nullish(),
  }),
);

type Event = z.infer<typeof events>[number];

/** 0 is resolved, 1 an information, 2 degraded, 3 disrupted. */
const calm = ["0", "1"];
const disrupted = "3";

/** Reads the current events of AWS. */
export function readAws(text: string): StatusPageContent | undefined {
  return readJson(text, events, (all) => ({
    incidents: all.filter(({ status }) => !calm.includes(String(status))).map(toIncident),
    link: "https://health.aws.amazon.com/health/status",
  }));
}

function toIncident(event: Event): Incident {
  const {
    date,
    region_name: place,
    status,
    service,
    service_name: product,
    summary,
    impacted_services: others,
  } = event;
  const region = regionOf(event);
  const services = [service, ...Object.keys(others ?? {})];
  const products = [product, ...Object.values(others ?? {}).map((one) => one.service_name)];
  const seconds = Number(date);
  return {
    title: `${product ?? service} (${place ?? region ?? "global"}): ${summary ?? "an event"}`,
    impact: String(status) === disrupted ? "major" : "minor",
    beganAt: seconds > 0 ? seconds * 1000 : undefined,
    components: [...services.flatMap((name) => [name, withoutRegion(name, region)]), ...products.filter(isText)],
    regions: [region, place].filter(isText),
  };
}

/** `arn:aws:health:eu-west-1::event/…`, or at the end of `ec2-eu-west-1`. */
function regionOf({ arn, service }: Event): string | undefined {
  const named = arn.split(":")[3] ?? "";
  return /^[a-z]+-[a-z]+(?:-[a-z]+)*-\d+$/.test(named)
    ? named
    : /-((?:[a-z]{2}|us-gov|us-iso[a-z]*)-[a-z]+-\d+)$/.exec(service)?.[1];
}

function withoutRegion(service: string, region: string | undefined): string {
  return region !== undefined && service.endsWith(`-${region}`) ? service.slice(0, -region.length - 1) : service;
}

function isText(value: string | null | undefined): value is string {
  return value != null;
}
