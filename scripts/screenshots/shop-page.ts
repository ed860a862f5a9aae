import { renderPage } from "../../test/support/render-page.ts";
import { sampleCheck, sampleReport, sampleTime } from "../../test/support/sample-reports.ts";
import { type Life, simulatedHistory } from "../../test/support/simulated-history.ts";

/** What each check of the shop has lived through in 90 days. */
const lives: Readonly<Record<string, Life>> = {
  website: "healthy",
  search: "healthy",
  orders: "degraded",
  payments: "down",
  invoices: "flapping",
  warehouse: "maintenance",
  database: "healthy",
  disk: "healthy",
};

const minute = 60_000;

/** The page of a shop on a bad day, after 90 simulated days: no server could be waited for that long. */
export function shopPage(): Promise<string> {
  const report = sampleReport(
    [
      sampleCheck("website", { group: ["shop"], labels: { url: "https://shop.example/" } }),
      sampleCheck("search", { group: ["shop"], labels: { url: "https://shop.example/search" } }),
      sampleCheck("orders", {
        group: ["shop"],
        state: "degraded",
        message: "took 812 ms, more than 500 ms",
        lasting: 40 * minute,
        labels: { url: "https://shop.example/api/orders" },
      }),
      sampleCheck("payments", {
        group: ["payments"],
        state: "unhealthy",
        message: "connection refused by 10.0.3.7:443",
        lasting: 300 * minute,
        labels: { url: "https://pay.example/health" },
      }),
      sampleCheck("invoices", { group: ["payments"] }),
      sampleCheck("warehouse", { maintenance: "Move to another data centre" }),
      sampleCheck("database", { group: ["machines"] }),
      sampleCheck("disk", { group: ["machines"] }),
    ],
    { traceUrl: "https://traces.example/{traceId}" },
  );
  return renderPage(report, {
    history: simulatedHistory(lives, sampleTime),
    query: "span=30d",
    siblings: [
      { path: "/health/", href: "./", isCurrent: true },
      { path: "/health/node/", href: "node/", isCurrent: false },
    ],
    site: { title: "Example Shop", links: [{ title: "Support", url: "https://shop.example/support" }] },
  });
}
