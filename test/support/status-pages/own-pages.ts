import type { PageFixtures } from "./page-fixtures.ts";

const startedAt = "2026-03-04T05:00:00Z";

const slowFound = { message: "Slow: https://s.example/i", beganAt: startedAt };

const awsEvent = (status: string) => ({
  date: "1772600000",
  arn: "arn:aws:health:eu-west-9::event/EC2/X/y",
  region_name: "Atlantis",
  status,
  service: "ec2-eu-west-9",
  service_name: "Amazon EC2",
  summary: "Slow",
  event_log: [{ message: "We look", status: 2, timestamp: 1_772_600_000 }],
  impacted_services: {
    "ec2-eu-west-9": { service_name: "Amazon EC2", current: status, max: status },
    "rds-eu-west-9": { service_name: "Amazon RDS", current: status, max: status },
  },
});

const azure = (items: string) =>
  `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Azure Status</title>${items}</channel></rss>`;

const azureItem = (state: string) =>
  `<item><title>Virtual Machines - East Atlantis - ${state}</title><category>Virtual Machines</category><category>East Atlantis</category><pubDate>Wed, 04 Mar 2026 05:00:00 Z</pubDate><link>https://s.example</link><description>Storage in West Atlantis is not concerned.</description></item>`;

const googleIncident = (impact: string, end: string | null) => ({
  id: "x",
  begin: "2026-03-04T05:00:00+00:00",
  end,
  modified: "2026-03-04T06:00:00+00:00",
  external_desc: "Slow",
  status_impact: impact,
  severity: "medium",
  affected_products: [{ title: "Cloud SQL", id: "p" }],
  currently_affected_locations: [{ title: "A", id: "europe-west99" }],
  uri: "incidents/x",
});

const googlePast = googleIncident("SERVICE_OUTAGE", "2026-03-05T05:00:00+00:00");

const heroku = (status: string, incidents: object[] = []) =>
  JSON.stringify({
    status: [
      { system: "Apps", status },
      { system: "Data", status: "green" },
    ],
    incidents,
    scheduled: [{ title: "Long ago", state: "scheduled" }],
  });

const herokuIncident = {
  id: 1,
  title: "Slow",
  state: "open",
  resolved: false,
  created_at: startedAt,
  full_url: "https://s.example/i",
  tags: ["EMEA"],
  updates: [],
};

const upsunIncident = (status: string) => ({
  id: 1,
  description: "Slow",
  status: "investigating",
  region_ids: ["eu-9"],
  closed_at: null,
  created_at: startedAt,
  updated_at: "2026-03-04T06:00:00Z",
  components: [{ name: "Builds", status }],
});

const atomEntry = (title: string, minutes: number, text = "Location fsn1-dc14") => {
  const at = new Date(Date.now() - minutes * 60_000).toISOString();
  return `<entry><id>urn:${title}</id><title>${title}</title><link href="https://s.example/i"/><published>${at}</published><updated>${at}</updated><content>${text}</content></entry>`;
};

const atom = (entries: string) =>
  `<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Status</title><id>urn:x</id>${entries}</feed>`;

/** Of providers that made their own. */
export const ownPages = {
  aws: {
    path: "/public/currentevents",
    options: { region: "eu-west-9" },
    healthy: JSON.stringify([awsEvent("0"), awsEvent("1")]),
    degraded: {
      body: JSON.stringify([awsEvent("2")]),
      found: {
        message: "Amazon EC2 (Atlantis): Slow: https://health.aws.amazon.com/health/status",
        beganAt: "2026-03-04T04:53:20Z",
      },
    },
    outage: {
      body: JSON.stringify([awsEvent("3")]),
      found: {
        message: "Amazon EC2 (Atlantis): Slow: https://health.aws.amazon.com/health/status",
        beganAt: "2026-03-04T04:53:20Z",
      },
    },
    elsewhere: [
      { region: "eu-west-1" },
      { region: "eu-west-9", component: "s3" },
      { component: "s3" },
      { region: "eu-west-1", component: "ec2" },
    ],
    concerned: [
      { component: "ec2" },
      { component: "rds" },
      { component: "Amazon RDS" },
      { region: ["us-east-1", "eu-west-9"] },
      { region: "Atlantis" },
    ],
  },
  azure: {
    path: "/en-us/status/feed/",
    healthy: azure(azureItem("Resolved")),
    degraded: {
      body: azure(azureItem("Investigating")),
      found: { message: "Virtual Machines - East Atlantis - Investigating: https://s.example/", beganAt: startedAt },
    },
    outage: {
      body: azure(azureItem("Mitigating")),
      found: { message: "Virtual Machines - East Atlantis - Mitigating: https://s.example/", beganAt: startedAt },
    },
    elsewhere: [{ component: "Storage" }, { region: "West Atlantis" }, { region: "East Atlanti" }],
    concerned: [{ component: "virtual machines" }, { region: "East Atlantis" }, { region: ["north", "East Atlantis"] }],
  },
  google: {
    path: "/incidents.json",
    healthy: JSON.stringify([googlePast, googleIncident("SERVICE_INFORMATION", null)]),
    degraded: {
      body: JSON.stringify([googleIncident("SERVICE_DISRUPTION", null), googlePast]),
      found: { message: "Slow: https://status.cloud.google.com/incidents/x", beganAt: startedAt },
    },
    outage: {
      body: JSON.stringify([googleIncident("SERVICE_OUTAGE", null), googlePast]),
      found: { message: "Slow: https://status.cloud.google.com/incidents/x", beganAt: startedAt },
    },
    elsewhere: [{ component: "Cloud Run" }, { region: "europe-west9" }],
    concerned: [{ component: "Cloud SQL" }, { component: "p" }, { region: "europe-west99" }],
  },
  heroku: {
    path: "/api/v4/current-status",
    healthy: heroku("green", [{ ...herokuIncident, state: "resolved", resolved: false }]),
    degraded: { body: heroku("yellow", [herokuIncident]), found: slowFound },
    outage: {
      body: heroku("red", [{ ...herokuIncident, title: "Down" }]),
      found: { message: "Down: https://s.example/i", beganAt: startedAt },
    },
    elsewhere: [{ component: "Data" }, { region: "US" }],
    concerned: [{ component: "Apps" }, { region: "EMEA" }],
    nearest: '"Apps", "Data"',
  },
  upsun: {
    path: "/data/incidents.json",
    healthy: JSON.stringify({ incidents: [{ ...upsunIncident("operational"), closed_at: startedAt }] }),
    degraded: {
      body: JSON.stringify({ incidents: [upsunIncident("degraded_performance")] }),
      found: { message: "Slow: https://status.upsun.com/", beganAt: startedAt },
    },
    outage: {
      body: JSON.stringify({ incidents: [upsunIncident("major_outage")] }),
      found: { message: "Slow: https://status.upsun.com/", beganAt: startedAt },
    },
    elsewhere: [{ component: "Console" }, { region: "us-1" }],
    concerned: [{ component: "builds" }, { region: "eu-9" }],
  },
  feed: {
    path: "/en.atom",
    healthy: atom(
      atomEntry("Old", 9 * 60) + atomEntry("[RESOLVED] Slow", 10) + atomEntry("Slow", 10, "Operating normally."),
    ),
    degraded: { body: atom(atomEntry("Slow", 10)), found: { message: "Slow: https://s.example/i" } },
    outage: { body: atom(atomEntry("Down", 10)), found: { message: "Down: https://s.example/i" } },
    elsewhere: [{ region: "nbg1" }, { region: "fsn" }, { component: "Storage Box" }],
    concerned: [{ region: "fsn1" }, { component: "slow" }],
  },
} satisfies Readonly<Record<string, PageFixtures>>;
