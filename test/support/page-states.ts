import type { Site } from "../../src/formats/site.ts";
import type { Report } from "../../src/health/report.ts";
import { indexPage } from "../../src/page/index-page.ts";
import { refusalPage } from "../../src/page/refusal-page.ts";
import { renderPage } from "./render-page.ts";
import { everyState, hostile, manyChecks, sampleCheck, sampleReport, sampleTime } from "./sample-reports.ts";
import { simulatedHistory } from "./simulated-history.ts";

/** What the configuration of a shop may say of its pages. */
export const sampleSite: Site = {
  title: "Example Shop",
  logo: `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#4650a6"/><path d="M8 17l5 5 11-12" fill="none" stroke="#fff" stroke-width="4"/></svg>')}`,
  links: [{ title: "Support", url: "https://shop.example/support" }],
  footer: "Operated by the platform team.",
};

const siblings = [
  { path: "/health/", href: "./", isCurrent: true },
  { path: "/health/node/", href: "node/", isCurrent: false },
];

const history = simulatedHistory(
  { database: "healthy", disk: "degraded", cache: "down", orders: "flapping", search: "new", payments: "maintenance" },
  sampleTime,
);

const inMaintenance = sampleReport(
  everyState.checks.map((report) =>
    report.check.name === "payments" ? sampleCheck("payments", { maintenance: "Move to another data centre" }) : report,
  ),
  { traceUrl: everyState.traceUrl ?? "" },
);

const grouped = sampleReport([
  sampleCheck("website", { group: ["shop"], tags: ["prod"], labels: { url: "https://shop.example/" } }),
  sampleCheck("card payments", { group: ["shop", "payments"], state: "unhealthy", lasting: 18_000_000 }),
  sampleCheck("invoices", { group: ["shop", "payments"] }),
  sampleCheck("disk", { group: ["machines"], state: "degraded" }),
  sampleCheck("memory", { group: ["machines"] }),
  sampleCheck("dns"),
]);

const groupedHistory = simulatedHistory(
  {
    website: "healthy",
    "card payments": "down",
    invoices: "flapping",
    disk: "degraded",
    memory: "healthy",
    dns: "new",
  },
  sampleTime,
);

const many = manyChecks(200);
const manyHistory = simulatedHistory(
  Object.fromEntries(many.checks.map(({ check, state }) => [check.name, state === "healthy" ? "healthy" : "down"])),
  sampleTime,
);

const well: Report = sampleReport([sampleCheck("database"), sampleCheck("website"), sampleCheck("mail")]);

/** The main states of the pages, as those who made them should look at them. */
export const pageStates: Readonly<Record<string, () => string | Promise<string>>> = {
  "all is well": () =>
    renderPage(well, {
      site: sampleSite,
      history: simulatedHistory({ database: "healthy", website: "flapping", mail: "healthy" }, sampleTime),
      query: "span=90d",
    }),
  "every state, with history": () => renderPage(inMaintenance, { history, siblings, site: sampleSite }),
  "every state, without history": () => renderPage(everyState),
  groups: () => renderPage(grouped, { history: groupedHistory, siblings }),
  "tiles and a filter": () => renderPage(many, { history: manyHistory, query: "span=7d" }),
  "what a filter finds": () => renderPage(many, { history: manyHistory, query: "q=check+15" }),
  "nothing found": () => renderPage(many, { query: "q=no+such+check&state=skipped" }),
  "no checks": () => renderPage(sampleReport([])),
  "hostile texts": () => renderPage(hostile, { history }),
  "a single check": () =>
    renderPage(
      sampleReport(
        everyState.checks.filter(({ check }) => check.name === "cache"),
        { path: "/health/cache/" },
      ),
      { siblings, site: sampleSite },
    ),
  "the endpoints": () =>
    String(
      indexPage({
        title: "shop",
        site: sampleSite,
        endpoints: [
          {
            path: "/health/",
            checks: 6,
            verdict: {
              state: "unhealthy",
              sign: "✗",
              sentence: "1 of 6 checks fails, 1 was skipped because of it, 1 warns, 1 is in an unknown state",
            },
          },
          { path: "/private/", checks: 2, verdict: undefined },
        ],
        others: [{ path: "/metrics", description: "all metrics, for Prometheus" }],
        createdAt: sampleTime,
      }),
    ),
  "a refusal": () => String(refusalPage(404, "Nothing is served here.", sampleTime)),
};
