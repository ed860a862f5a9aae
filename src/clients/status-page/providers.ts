import type { PlatformName } from "./platforms.ts";

/** Where a provider tells how it is. */
export interface Provider {
  /** As it is called. */
  readonly title: string;
  readonly url: string;
  readonly platform: PlatformName;
  /** Which component is watched when nothing else is said. */
  readonly component?: string;
  /** Regions that have a page of their own, in place of `url`. */
  readonly regions?: Readonly<Record<string, string>>;
}

/** Every known provider, by its name in a configuration. When one moves to another page, this is the place. */
export const providers = {
  aws: { title: "AWS", url: "https://health.aws.amazon.com/public/currentevents", platform: "aws" },
  azure: {
    title: "Azure",
    url: "https://rssfeed.azure.status.microsoft/en-us/status/feed/",
    platform: "azure",
  },
  cloudflare: { title: "Cloudflare", url: "https://www.cloudflarestatus.com", platform: "statuspage" },
  digitalocean: { title: "DigitalOcean", url: "https://status.digitalocean.com", platform: "statuspage" },
  fly: { title: "Fly.io", url: "https://status.flyio.net", platform: "statuspage" },
  github: {
    title: "GitHub",
    url: "https://www.githubstatus.com",
    platform: "statuspage",
    regions: {
      au: "https://au.githubstatus.com",
      eu: "https://eu.githubstatus.com",
      jp: "https://jp.githubstatus.com",
      us: "https://us.githubstatus.com",
    },
  },
  "google-cloud": {
    title: "Google Cloud",
    url: "https://status.cloud.google.com/incidents.json",
    platform: "google",
  },
  heroku: { title: "Heroku", url: "https://status.heroku.com/api/v4/current-status", platform: "heroku" },
  hetzner: { title: "Hetzner", url: "https://status.hetzner.com/en.atom", platform: "feed" },
  npm: {
    title: "npm",
    url: "https://status.npmjs.org",
    platform: "statuspage",
    component: "Package installation",
  },
  openai: { title: "OpenAI", url: "https://status.openai.com", platform: "statuspage" },
  pypi: { title: "PyPI", url: "https://status.python.org", platform: "statuspage", component: "PyPI" },
  render: { title: "Render", url: "https://status.render.com", platform: "statuspage" },
  sentry: { title: "Sentry", url: "https://status.sentry.io", platform: "statuspage" },
  upsun: {
    title: "Upsun (Platform.sh)",
    url: "https://status.upsun.com/data/incidents.json",
    platform: "upsun",
  },
  vercel: { title: "Vercel", url: "https://www.vercel-status.com", platform: "statuspage" },
} as const satisfies Readonly<Record<string, Provider>>;

/** One of {@link providers}. */
export type ProviderName = keyof typeof providers;

/** All names of {@link providers}. */
export const providerNames = Object.keys(providers) as [ProviderName, ...ProviderName[]]; // Its own keys.
