import type { Attributes } from "@opentelemetry/api";
import { type CheckReport, type Endpoint, statePasses } from "../../health/report.ts";
import { type State, states } from "../../health/state.ts";
import { attributeNames, metricNames } from "../names.ts";
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
export interface CheckGauge {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly observe: (report: CheckReport, observe: Observe) => void;
}

/** Every gauge of a check. All series exist from the start; the status waits for the first run, a certificate's end for a certificate. */
export const checkGauges: readonly CheckGauge[] = [
  {
    name: metricNames.status,
    unit: "",
    description: "Whether the check passes: 1 when it is healthy, else 0.",
    observe: ({ check, state, lastRun }, observe) => {
      if (lastRun !== undefined) observe(state === "healthy" ? 1 : 0, attributesOf(check).labels);
    },
  },
  {
    name: metricNames.state,
    unit: "",
    description: "The check's state: 1 for the one it is in, 0 for the others.",
    observe: ({ check, state: current }, observe) => {
      const { byState } = attributesOf(check);
      for (const state of states) observe(state === current ? 1 : 0, byState[state]);
    },
  },
  {
    name: metricNames.responseTime,
    unit: "s",
    description: "How long the check's last run took; not a number before the first.",
    observe: ({ check, lastRun }, observe) =>
      observe(lastRun?.durationSeconds ?? Number.NaN, attributesOf(check).labels),
  },
  {
    name: metricNames.lastRun,
    unit: "s",
    description: "When the check's last run started, in seconds since the epoch; 0 before the first.",
    observe: ({ check, lastRun }, observe) => observe((lastRun?.startedAt ?? 0) / 1000, attributesOf(check).labels),
  },
  {
    name: metricNames.lastSuccess,
    unit: "s",
    description: "When the check's last healthy run ended, in seconds since the epoch; 0 before the first.",
    observe: ({ check, lastSuccessAt }, observe) => observe((lastSuccessAt ?? 0) / 1000, attributesOf(check).labels),
  },
  {
    name: metricNames.certificateExpiry,
    unit: "s",
    description: "When the certificate that the server showed last ends, in seconds since the epoch.",
    observe: ({ check, certificateExpiresAt }, observe) => {
      if (certificateExpiresAt !== undefined) observe(certificateExpiresAt / 1000, attributesOf(check).labels);
    },
  },
  {
    name: metricNames.consecutiveFailures,
    unit: "",
    description: "How many of the check's last runs failed one after the other.",
    observe: ({ check, consecutiveFailures }, observe) => {
      if (consecutiveFailures !== undefined) observe(consecutiveFailures, attributesOf(check).labels);
    },
  },
];

export const durationMetric = {
  name: metricNames.duration,
  unit: "s",
  description: "How long the runs of the check took.",
} as const;

export const overallStatusMetric = {
  name: metricNames.overallStatus,
  unit: "",
  description: "Whether the endpoint passes: 1 when all its checks do, else 0.",
} as const;

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
      attributes = Object.freeze({ [attributeNames.endpoint]: endpoint.path });
      endpointAttributes.set(endpoint, attributes);
    }
    const passes = endpoint.checks.every((name) => statePasses(stateOf.get(name) ?? "unknown", endpoint.degraded));
    observe(passes ? 1 : 0, attributes);
  }
}
