import { scope } from "../../health/instrumentation/scope.ts";
import type { Report } from "../../health/report.ts";
import { checkMetrics } from "../metrics/check-metrics.ts";
import type { Exposition } from "./exposition.ts";
import { writeMetrics } from "./write-metrics.ts";

/** The metrics of a report's checks, and whether its endpoint passes, as `/metrics` would write them. */
export function writeReport({ path, degraded, maintenance, checks, past }: Report, exposition: Exposition): string {
  const endpoint = { path, checks: checks.map(({ check }) => check.name), degraded, maintenance };
  const scopeMetrics = [{ scope, metrics: checkMetrics(checks, [endpoint], past) }];
  // What cannot be written is logged by `/metrics`, which writes the same.
  return [...writeMetrics({ resource: { attributes: {} }, scopeMetrics }, exposition, () => {})].join("");
}
