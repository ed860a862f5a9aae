import { expect, it } from "vitest";
import type { CheckReport } from "../../../src/health/report.ts";
import { metricTable } from "../../../src/telemetry/metric-table.ts";
import { observeOverallStatus } from "../../../src/telemetry/metrics/check-gauges.ts";
import { checkMetrics } from "../../../src/telemetry/metrics/check-metrics.ts";
import { sampleCheck } from "../../support/sample-reports.ts";

it.each([
  [["healthy"], "fail", 1],
  [["healthy", "degraded"], "fail", 0],
  [["healthy", "degraded"], "pass", 1],
  [["unhealthy"], "pass", 0],
  [["healthy", "a name without a check"], "pass", 0],
] as const)("an endpoint of %j that lets degraded %s has the status %d", (checks, degraded, status) => {
  const reports = (["healthy", "degraded", "unhealthy"] as const).map((state) => sampleCheck(state, { state }));
  const observed: unknown[] = [];
  observeOverallStatus([{ path: "/health/", checks, degraded }], reports, (...one) => observed.push(one));
  expect(observed).toEqual([[status, { "health.check.endpoint": "/health/" }]]);
});

it("the gauges of a check are in seconds, and 0 for what has not been", () => {
  const values = (report: CheckReport): Record<string, unknown> =>
    Object.fromEntries(
      checkMetrics([report], []).map(({ descriptor, dataPoints }) => [
        descriptor.name,
        [...dataPoints].map(({ value }) => value),
      ]),
    );
  const report = sampleCheck("shop");
  const maintenance = { id: "1", title: "Move", startsAt: 0, endsAt: 1 } as unknown as CheckReport["maintenance"]; // That there is one is all that counts.
  const during = values({ ...report, maintenance, lastSuccessAt: 1_700_000_000_000, certificateExpiresAt: 5000 });
  expect(during[metricTable.maintenance.name]).toEqual([1]);
  expect(during[metricTable.lastRun.name]).toEqual([(report.lastRun?.startedAt ?? 0) / 1000]);
  expect(during[metricTable.lastSuccess.name]).toEqual([1_700_000_000]);
  expect(during[metricTable.certificateExpiry.name]).toEqual([5]);
  const before = values({ ...sampleCheck("shop", { hasRun: false }), lastSuccessAt: undefined });
  expect(before[metricTable.maintenance.name]).toEqual([0]);
  expect(before[metricTable.lastRun.name]).toEqual([0]);
  expect(before[metricTable.lastSuccess.name]).toEqual([0]);
  expect(before[metricTable.responseTime.name]).toEqual([Number.NaN]);
});
