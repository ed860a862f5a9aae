import { scope } from "../../health/instrumentation/scope.ts";
import type { CheckReport } from "../../health/report.ts";
import { type MetricDefinition, metricTable } from "../metric-table.ts";
import { checkMetrics, gaugeMetric } from "../metrics/check-metrics.ts";
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

/** The metrics of one requested run, with those that rules for other exporters use. */
export function writeProbe(report: CheckReport, exposition: Exposition): string {
  const point = (value: number) => [{ attributes: {}, value }];
  const metrics = [
    ...checkMetrics([report], []).filter(({ descriptor }) => names.has(descriptor.name)),
    gaugeMetric(metricTable.probeSuccess, point(report.state === "healthy" ? 1 : 0)),
    gaugeMetric(metricTable.probeDuration, point(report.lastRun?.durationSeconds ?? 0)),
  ];
  const scopeMetrics = [{ scope, metrics }];
  // Label names are those of the check's class: what cannot be written is logged by `/metrics`.
  return [...writeMetrics({ resource: { attributes: {} }, scopeMetrics }, exposition, () => {})].join("");
}
