import type { MetricDefinition } from "./metric-definition.ts";
import { checkMetrics } from "./metric-tables/check.ts";
import { probeMetrics } from "./metric-tables/probe.ts";
import { processMetrics } from "./metric-tables/process.ts";

/** Every metric of ours, in the order of the semantic conventions. */
export const metricTable = {
  ...checkMetrics,
  ...processMetrics,
  ...probeMetrics,
} as const satisfies Readonly<Record<string, MetricDefinition>>;
