import { readAws } from "./platforms/aws.ts";
import { readAzure } from "./platforms/azure.ts";
import { readBetterstack } from "./platforms/betterstack.ts";
import { readFeed } from "./platforms/feed.ts";
import { readGoogle } from "./platforms/google.ts";
import { readHeroku } from "./platforms/heroku.ts";
import { readInstatus, readInstatusComponents } from "./platforms/instatus.ts";
import { readStatusio } from "./platforms/statusio.ts";
import { readStatuspage } from "./platforms/statuspage.ts";
import { readUpsun } from "./platforms/upsun.ts";
import type { StatusPageContent } from "./status-page.ts";

/** Reads a body; undefined when it is no such page. */
export type ReadPage = (text: string) => StatusPageContent | undefined | Promise<StatusPageContent | undefined>;

/** What pages of one make have in common. */
export interface Platform {
  /** As people call it. */
  readonly title: string;
  /** What is asked for, behind the address of the page. */
  readonly path: string;
  readonly read: ReadPage;
  /** What is asked besides when components are watched. */
  readonly components?: { readonly path: string; readonly read: ReadPage };
  /** Whether it tells where an incident is. */
  readonly hasRegions: boolean;
}

const pages = { path: "", hasRegions: true };

/** Every platform, by its name in a configuration, the ones that are told apart most easily first. */
export const platforms = {
  statuspage: {
    title: "Statuspage or incident.io",
    path: "/api/v2/summary.json",
    read: readStatuspage,
    hasRegions: false,
  },
  instatus: {
    title: "Instatus",
    path: "/summary.json",
    read: readInstatus,
    components: { path: "/v3/components.json", read: readInstatusComponents },
    hasRegions: false,
  },
  betterstack: { title: "Better Stack", path: "/index.json", read: readBetterstack, hasRegions: false },
  statusio: { title: "Status.io", path: "", read: readStatusio, hasRegions: false },
  heroku: { ...pages, title: "Heroku", read: readHeroku },
  upsun: { ...pages, title: "Upsun", read: readUpsun },
  google: { ...pages, title: "Google Cloud", read: readGoogle },
  aws: { ...pages, title: "AWS", read: readAws },
  azure: { ...pages, title: "Azure", read: readAzure },
  feed: { ...pages, title: "feeds", read: readFeed },
} as const satisfies Readonly<Record<string, Platform>>;

/** One of {@link platforms}. */
export type PlatformName = keyof typeof platforms;

/** All names of {@link platforms}. */
export const platformNames = Object.keys(platforms) as [PlatformName, ...PlatformName[]]; // Its own keys.
