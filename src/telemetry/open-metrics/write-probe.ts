import { scope } from "../../health/instrumentation/scope.ts";
import type { CheckReport } from "../../health/report.ts";
import type { MetricDefinition } from "../metric-definition.ts";
import { metricTable } from "../metric-table.ts";
import { checkMetrics } from "../metrics/check-metrics.ts";
import { probeGauges, type TimedStep } from "../metrics/probe-gauges.ts";
import type { Exposition } from "./exposition.ts";
import { writeMetrics } from "./write-metrics.ts";

/** The metrics of a check that a single run gives. */
export const probeMetrics: readonly MetricDefinition[] = [
  metricTable.status,
  metricTable.state,
  metricTable.responseTime,
  metricTable.certificateExpiry,
  metricTable.value,
];

const names: ReadonlySet<string> = new Set(probeMetrics.map(({ name }) => name));

/** The metrics of one requested run, with those that rules and dashboards for other exporters use. */
export function writeProbe(report: CheckReport, steps: readonly TimedStep[], exposition: Exposition): string {
  const metrics = [
    ...checkMetrics([report], []).filter(({ descriptor }) => names.has(descriptor.name)),
    ...probeGauges(report, steps),
  ];
  const scopeMetrics = [{ scope, metrics }];
  // Label names are those of the check's class: what cannot be written is logged by `/metrics`.
  return [...writeMetrics({ resource: { attributes: {} }, scopeMetrics }, exposition, () => {})].join("");
}
