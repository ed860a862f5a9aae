import { expect, it } from "vitest";
import { observeOverallStatus } from "../../../src/telemetry/metrics/check-gauges.ts";
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
