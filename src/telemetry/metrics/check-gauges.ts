import type { Attributes } from "@opentelemetry/api";
import { type Past, uptimeWindows } from "../../health/history/history.ts";
import { type CheckReport, type Endpoint, statePasses } from "../../health/report.ts";
import { type State, states } from "../../health/state.ts";
import type { MetricDefinition } from "../metric-definition.ts";
import { metricTable } from "../metric-table.ts";
import { attributeNames } from "../names.ts";
import { attributesOf } from "./check-attributes.ts";

/** What the metrics are read from. */
export interface CheckSource {
  readonly endpoints: readonly Endpoint[];
  /** What was; undefined where no history is kept. */
  readonly history?: Past | undefined;
  /** What is known of every check; runs nothing. */
  reports(): readonly CheckReport[];
}

/** Takes one observed value. */
export type Observe = (value: number, attributes: Attributes) => void;

/** A metric of which each check has one value or more at any time. */
export interface CheckGauge extends MetricDefinition {
  readonly instrument: "observable gauge";
  readonly observe: (report: CheckReport, observe: Observe, past?: Past | undefined) => void;
}

/** Every gauge of a check. All series exist from the start; the status waits for the first run, a certificate's end for a certificate, uptime for known time, a measured value for its measurement. */
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
    ...metricTable.uptimeRatio,
    observe: ({ check }, observe, past) => {
      if (past === undefined) return;
      const { byWindow } = attributesOf(check);
      for (const window of uptimeWindows) {
        const uptime = past.uptime(check.name, window);
        if (uptime !== undefined) observe(uptime.availableSeconds / uptime.knownSeconds, byWindow[window]);
      }
    },
  },
  {
    ...metricTable.value,
    observe: ({ check, measures = [] }, observe) => {
      for (const measured of measures) observe(measured.value, attributesOf(check).byMeasure(measured));
    },
  },
];

const endpointAttributes = new WeakMap<object, Attributes>();

/** Observes whether each endpoint passes. */
export function observeOverallStatus(
  endpoints: readonly Pick<Endpoint, "path" | "checks" | "degraded">[],
  reports: readonly CheckReport[],
  observe: Observe,
): void {
  const stateOf = new Map<string, State>(reports.map(({ check, state }) => [check.name, state]));
  for (const endpoint of endpoints) {
    let attributes = endpointAttributes.get(endpoint);
    if (attributes === undefined) {
      attributes = Object.freeze({ [attributeNames.checkEndpoint]: endpoint.path });
      endpointAttributes.set(endpoint, attributes);
    }
    const passes = endpoint.checks.every((name) => statePasses(stateOf.get(name) ?? "unknown", endpoint.degraded));
    observe(passes ? 1 : 0, attributes);
  }
}
