import type { PageFixtures } from "./page-fixtures.ts";

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

/** Of the makers of status pages for others. */
export const hostedPages = {
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
} satisfies Readonly<Record<string, PageFixtures>>;
