import type { Format, RenderContext } from "../../src/formats/format.ts";
import { findPast } from "../../src/formats/past-wanted.ts";
import type { ShownAnnouncement } from "../../src/health/announcements/announcement.ts";
import type { History } from "../../src/health/history/history.ts";
import type { CheckReport, Report } from "../../src/health/report.ts";
import { contextOf } from "./describe-format.ts";
import { sampleCheck, sampleReport, sampleTime } from "./sample-reports.ts";
import { simulatedHistory } from "./simulated-history.ts";

/** The past of checks that have lived for 90 days. */
export const livedHistory: History = simulatedHistory(
  { database: "healthy", cache: "down", mail: "flapping", disk: "degraded" },
  sampleTime,
  { mail: { name: "queue", unit: "{messages}" } },
);

/** The same checks as they are now. */
export const livedChecks: readonly CheckReport[] = [
  sampleCheck("database", { type: "postgres", labels: { host: "db.internal" } }),
  sampleCheck("cache", { state: "unhealthy", lasting: 5 * 3_600_000 }),
  {
    ...sampleCheck("mail", { measures: [{ name: "queue", unit: "{messages}", value: 1240 }] }),
    certificateExpiresAt: sampleTime + 23.4 * 86_400_000,
    intervalMilliseconds: 15_000,
  },
  sampleCheck("disk", { state: "degraded", lasting: 40 * 60_000 }),
].map((report) => ({ ...report, check: { ...report.check, group: ["shop", "storage"], tags: ["eu", "core"] } }));

/** One of each level. */
export const sampleAnnouncements: readonly ShownAnnouncement[] = (["critical", "warning", "info"] as const).map(
  (level, index) => ({
    id: `${index}`,
    title: `Something ${level}`,
    text: "Read-only from ten.\n\nSee https://status.example/move, and ask.",
    level,
    at: sampleTime - 3_600_000,
    from: sampleTime - 3_600_000,
    until: sampleTime + 3_600_000,
    checks: ["database"],
  }),
);

/** A report of all of them, or of the page of one. */
export function livedReport(name?: string, announcements: readonly ShownAnnouncement[] = []): Report {
  const checks = name === undefined ? livedChecks : livedChecks.filter(({ check }) => check.name === name);
  const path = name === undefined ? "/health/" : `/health/${name}/`;
  const report = sampleReport(checks, { path, traceUrl: "https://traces.example/{traceId}" });
  return { ...report, past: livedHistory, announcements };
}

/** Renders a report as the server does: with what the format wants to know of the past. */
export async function renderWithPast(
  format: Format,
  report: Report,
  query = "",
  history: History | undefined = livedHistory,
  offer: RenderContext["offer"] = format.offers[0],
): Promise<string> {
  const read = format.readQuery?.(new URLSearchParams(query)) ?? {};
  const wanted = report.past && history && format.wants?.(report, read);
  const found = history && wanted && (await findPast(history, wanted));
  return format.render(report, { ...contextOf(report, offer), query: read, found });
}
