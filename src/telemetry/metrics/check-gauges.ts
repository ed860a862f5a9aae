import type { Attributes } from "@opentelemetry/api";
import { type CheckReport, checkPasses, type Endpoint } from "../../health/report.ts";
import { states } from "../../health/state.ts";
import type { MetricDefinition } from "../metric-definition.ts";
import { metricTable } from "../metric-table.ts";
import { attributeNames } from "../names.ts";
import { attributesOf } from "./check-attributes.ts";

/** What the metrics are read from. */
export interface CheckSource {
  readonly endpoints: readonly Endpoint[];
  /** What is known of every check; runs nothing. */
  reports(): readonly CheckReport[];
}

/** Takes one observed value. */
export type Observe = (value: number, attributes: Attributes) => void;

/** A metric of which each check has one value or more at any time. */
export interface CheckGauge extends MetricDefinition {
  readonly instrument: "observable gauge";
  readonly observe: (report: CheckReport, observe: Observe) => void;
}

/** Every gauge of a check. All series exist from the start; the status waits for the first run, a certificate's end for a certificate, a measured value for its measurement. */
export const checkGauges: readonly CheckGauge[] = [
  {
    ...metricTable.status,
    observe: ({ check, state, lastRun }, observe) => {
      if (lastRun !== undefined) observe(state === "healthy" ? 1 : 0, attributesOf(check).labels);
    },
  },
  {
    ...metricTable.state,
    observe: ({ check, state: current }, observe) => {
      const { byState } = attributesOf(check);
      for (const state of states) observe(state === current ? 1 : 0, byState[state]);
    },
  },
  {
    ...metricTable.maintenance,
    observe: ({ check, maintenance }, observe) =>
      observe(maintenance === undefined ? 0 : 1, attributesOf(check).labels),
  },
  {
    ...metricTable.responseTime,
    observe: ({ check, lastRun }, observe) =>
      observe(lastRun?.durationSeconds ?? Number.NaN, attributesOf(check).labels),
  },
  {
    ...metricTable.lastRun,
    observe: ({ check, lastRun }, observe) => observe((lastRun?.startedAt ?? 0) / 1000, attributesOf(check).labels),
  },
  {
    ...metricTable.lastSuccess,
    observe: ({ check, lastSuccessAt }, observe) => observe((lastSuccessAt ?? 0) / 1000, attributesOf(check).labels),
  },
  {
    ...metricTable.certificateExpiry,
    observe: ({ check, certificateExpiresAt }, observe) => {
      if (certificateExpiresAt !== undefined) observe(certificateExpiresAt / 1000, attributesOf(check).labels);
    },
  },
  {
    ...metricTable.consecutiveFailures,
    observe: ({ check, consecutiveFailures }, observe) => {
      if (consecutiveFailures !== undefined) observe(consecutiveFailures, attributesOf(check).labels);
    },
  },
  {
    ...metricTable.value,
    observe: ({ check, measures = [] }, observe) => {
      for (const measured of measures) observe(measured.value, attributesOf(check).byMeasure(measured));
    },
  },
];

/** A check that an endpoint names and nobody knows. */
const notKnown = { state: "unknown" } as const;

const endpointAttributes = new WeakMap<object, Attributes>();

/** Observes whether each endpoint passes. */
export function observeOverallStatus(
  endpoints: readonly Pick<Endpoint, "path" | "checks" | "degraded" | "maintenance">[],
  reports: readonly CheckReport[],
  observe: Observe,
): void {
  const reportOf = new Map(reports.map((report) => [report.check.name, report]));
  for (const endpoint of endpoints) {
    let attributes = endpointAttributes.get(endpoint);
    if (attributes === undefined) {
      attributes = Object.freeze({ [attributeNames.checkEndpoint]: endpoint.path });
      endpointAttributes.set(endpoint, attributes);
    }
    const passes = endpoint.checks.every((name) => checkPasses(reportOf.get(name) ?? notKnown, endpoint));
    observe(passes ? 1 : 0, attributes);
  }
}
