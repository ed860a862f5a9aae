import type { PlatformName } from "../../src/clients/status-page/platforms.ts";

/** What a check of a fixture must find. */
interface Finding {
  readonly message: string;
  /** ISO 8601. */
  readonly beganAt?: string;
}

/** Pages of a platform, shaped like the real ones of November 2026, and what is to be found in them. */
export interface PageFixtures {
  /** Where its pages are asked for, behind the address of the page. */
  readonly path: string;
  /** Options without which a check of it would not watch everything, or would be refused. */
  readonly options?: object;
  readonly healthy: string;
  readonly degraded: { readonly body: string; readonly found: Finding };
  readonly outage: { readonly body: string; readonly found: Finding };
  /** Undefined where the platform tells of none. */
  readonly maintenance?: { readonly body: string; readonly found: Finding };
  /** What concerns another component or region than these options name; undefined for no such filter. */
  readonly elsewhere: readonly object[];
  /** Options that name what the degraded page is about. */
  readonly concerned: readonly object[];
  /** The nearest to a component `Apo`; undefined where components are not listed. */
  readonly nearest?: string;
}

const startedAt = "2026-03-04T05:00:00Z";
const page = { id: "p", name: "Acme", url: "https://s.example" };

function statuspage(
  indicator: string,
  status: string,
  { incidents = [], works = [] }: { incidents?: object[]; works?: object[] } = {},
): string {
  return JSON.stringify({
    page,
    status: { indicator, description: indicator === "none" ? "All Systems Operational" : "Trouble" },
    components: [
      { id: "g", name: "Cloud", status: "operational", group: true, group_id: null, components: ["c"] },
      { id: "c", name: "API", status, group: false, group_id: "g" },
      { id: "w", name: "Website", status: "operational", group: false, group_id: null },
    ],
    incidents,
    scheduled_maintenances: works,
  });
}

const slow = {
  id: "i",
  name: "Slow",
  status: "investigating",
  impact: "minor",
  shortlink: "https://s.example/i",
  started_at: startedAt,
  updated_at: "2026-03-04T06:00:00Z",
  resolved_at: null,
  components: [{ id: "c", name: "API" }],
  incident_updates: [],
};

const disks = {
  id: "m",
  name: "Disks",
  status: "in_progress",
  impact: "maintenance",
  shortlink: "https://s.example/m",
  scheduled_for: "2026-03-04T01:00:00Z",
  scheduled_until: "2026-03-04T09:00:00Z",
  components: [],
};

const slowFound = { message: "Slow: https://s.example/i", beganAt: startedAt };

const instatusPage = (status: string, more: object = {}) =>
  JSON.stringify({ page: { name: "Acme", url: "https://s.example", status }, ...more });

const betterstack = (state: string, status: string, reports: object[] = []) =>
  JSON.stringify({
    data: { id: "1", type: "status_page", attributes: { company_name: "Acme", aggregate_state: state } },
    included: [
      { id: "9", type: "status_page_section", attributes: { name: "All" } },
      { id: "7", type: "status_page_resource", attributes: { public_name: "API", status } },
      { id: "8", type: "status_page_resource", attributes: { public_name: "Website", status: "operational" } },
      ...reports.map((attributes, index) => ({ id: `r${index}`, type: "status_report", attributes })),
    ],
  });

const report = (title: string, state: string, type = "manual") => ({
  title,
  report_type: type,
  starts_at: startedAt,
  ends_at: null,
  aggregate_state: state,
  affected_resources: [{ status_page_resource_id: "7", status: state }],
});

const statusio = (status: string, code: number, component: number, more: object = {}) =>
  JSON.stringify({
    result: {
      status_overall: { updated: startedAt, status, status_code: code },
      status: [
        { id: "c", name: "API", status: "x", status_code: component },
        { id: "w", name: "Website", status: "Operational", status_code: 100 },
      ],
      incidents: [],
      maintenance: { active: [], upcoming: [] },
      ...more,
    },
  });

const statusioIncident = {
  _id: "i",
  name: "Slow",
  datetime_open: startedAt,
  messages: [],
  components_affected: [{ _id: "c", name: "API" }],
};

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

/** @param minutes ago it was published */
const atomEntry = (title: string, minutes: number, text = "Location fsn1-dc14") => {
  const at = new Date(Date.now() - minutes * 60_000).toISOString();
  return `<entry><id>urn:${title}</id><title>${title}</title><link href="https://s.example/i"/><published>${at}</published><updated>${at}</updated><content>${text}</content></entry>`;
};

const atom = (entries: string) =>
  `<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Status</title><id>urn:x</id>${entries}</feed>`;

/** For every platform. */
export const pageFixtures: Readonly<Record<PlatformName, PageFixtures>> = {
  statuspage: {
    path: "/api/v2/summary.json",
    healthy: statuspage("none", "operational"),
    degraded: {
      body: statuspage("minor", "degraded_performance", { incidents: [slow] }),
      found: slowFound,
    },
    outage: {
      body: statuspage("major", "major_outage", { incidents: [{ ...slow, name: "Down", impact: "critical" }] }),
      found: { message: "Down: https://s.example/i", beganAt: startedAt },
    },
    maintenance: {
      body: statuspage("maintenance", "under_maintenance", { works: [disks] }),
      found: {
        message: "Disks: https://s.example/m; Cloud / API (under maintenance): https://s.example/",
        beganAt: "2026-03-04T01:00:00Z",
      },
    },
    elsewhere: [{ component: "Website" }, { component: ["w"] }],
    concerned: [{ component: "API" }, { component: "cloud / api" }, { component: "Cloud" }, { component: ["w", "c"] }],
    nearest: '"Cloud / API", "Website"',
  },
  instatus: {
    path: "/summary.json",
    healthy: instatusPage("UP"),
    degraded: {
      body: instatusPage("HASISSUES", {
        activeIncidents: [
          {
            id: "i",
            name: "Slow",
            started: startedAt,
            status: "INVESTIGATING",
            impact: "PARTIALOUTAGE",
            url: "https://s.example/i",
          },
        ],
      }),
      found: slowFound,
    },
    outage: {
      body: instatusPage("HASISSUES", {
        activeIncidents: [
          {
            id: "i",
            name: "Down",
            started: startedAt,
            status: "INVESTIGATING",
            impact: "MAJOROUTAGE",
            url: "https://s.example/i",
          },
        ],
      }),
      found: { message: "Down: https://s.example/i", beganAt: startedAt },
    },
    maintenance: {
      body: instatusPage("UNDERMAINTENANCE", {
        activeMaintenances: [
          {
            id: "m",
            name: "Disks",
            start: startedAt,
            status: "INPROGRESS",
            duration: "60",
            url: "https://s.example/m",
          },
        ],
      }),
      found: { message: "Disks: https://s.example/m", beganAt: startedAt },
    },
    elsewhere: [{ component: "Website" }],
    concerned: [{ component: "API" }],
    nearest: '"API", "Website"',
  },
  betterstack: {
    path: "/index.json",
    healthy: betterstack("operational", "operational", [report("Past", "resolved")]),
    degraded: {
      body: betterstack("degraded", "degraded", [report("Slow", "degraded")]),
      found: { message: "Slow: PAGE", beganAt: startedAt },
    },
    outage: {
      body: betterstack("downtime", "downtime", [report("Down", "downtime")]),
      found: { message: "Down: PAGE", beganAt: startedAt },
    },
    maintenance: {
      body: betterstack("maintenance", "maintenance", [report("Disks", "maintenance", "maintenance")]),
      found: { message: "Disks: PAGE", beganAt: startedAt },
    },
    elsewhere: [{ component: "Website" }],
    concerned: [{ component: "API" }, { component: "7" }],
    nearest: '"API", "Website"',
  },
  statusio: {
    path: "/1.0/status/abc",
    healthy: statusio("Operational", 100, 100),
    degraded: {
      body: statusio("Degraded", 300, 300, { incidents: [statusioIncident] }),
      found: { message: "Slow: PAGE", beganAt: startedAt },
    },
    outage: {
      body: statusio("Disruption", 500, 500, { incidents: [{ ...statusioIncident, name: "Down" }] }),
      found: { message: "Down: PAGE", beganAt: startedAt },
    },
    maintenance: {
      body: statusio("Maintenance", 200, 200, {
        maintenance: {
          active: [
            {
              _id: "m",
              name: "Disks",
              datetime_planned_start: startedAt,
              components_affected: [{ _id: "c", name: "API" }],
            },
          ],
        },
      }),
      found: { message: "Disks: PAGE", beganAt: startedAt },
    },
    elsewhere: [{ component: "Website" }],
    concerned: [{ component: "API" }],
    nearest: '"API", "Website"',
  },
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
};

/** What Instatus answers at its other address, for the pages above. */
export function instatusComponents(status: string): string {
  return JSON.stringify({
    components: [
      { id: "c", name: "API", status, group: null },
      { id: "w", name: "Website", status: "OPERATIONAL", group: null },
    ],
  });
}

/** `awsEvents` as AWS sends them: UTF-16, big-endian, with a mark. */
export function utf16BigEndian(text: string): Buffer {
  return Buffer.from(`\uFEFF${text}`, "utf16le").swap16();
}
