import type { Report } from "../../health/report.ts";
import { CheckMetrics } from "../check-metrics.ts";
import { scope } from "../names.ts";
import type { Exposition } from "./exposition.ts";
import { writeMetrics } from "./write-metrics.ts";

/** The metrics of a report's checks, and whether its endpoint passes, as `/metrics` would write them. */
export function writeReport({ path, degraded, createdAt, checks }: Report, exposition: Exposition): string {
  const collected = new CheckMetrics(createdAt, createdAt);
  collected.add(checks);
  const endpoint = { path, checks: checks.map(({ check }) => check.name), degraded, failureStatus: 500 } as const;
  collected.addOverallStatus([endpoint], checks);
  const scopeMetrics = [{ scope: { name: scope }, metrics: collected.metrics() }];
  // What cannot be written is told of at `/metrics`, which writes the same.
  return [...writeMetrics({ resource: { attributes: {} }, scopeMetrics }, exposition, () => {})].join("");
}
