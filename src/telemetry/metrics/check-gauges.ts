import type { Attributes } from "@opentelemetry/api";
import { type Past, uptimeWindows } from "../../health/history/history.ts";
import { type CheckReport, checkPasses, type Endpoint } from "../../health/report.ts";
import { states } from "../../health/state.ts";
import type { MetricDefinition } from "../metric-definition.ts";
import { metricTable } from "../metric-table.ts";
import { attributeNames } from "../names.ts";
import { KeptAttributes } from "../open-metrics/kept-attributes.ts";
import type { CheckAttributes } from "./check-attributes.ts";

/** What the metrics are read from. */
export interface CheckSource {
  readonly endpoints: readonly Endpoint[];
  /** What was; undefined where no history is kept. */
  readonly history?: Past | undefined;
  /** Says of a check that a fleet shares whether its metrics are shown here; undefined without a fleet. */
  readonly isExposed?: ((name: string) => boolean) | undefined;
  /** What is known of every check; runs nothing. */
  reports(): readonly CheckReport[];
}

/** The reports of the checks that have series here: one that a fleet shares has them where it runs. */
export function exposedOf(reports: readonly CheckReport[], { isExposed }: Pick<CheckSource, "isExposed">) {
  if (isExposed === undefined) return reports;
  return reports.filter(({ check }) => check.fleet === undefined || isExposed(check.name));
}

/**
 * Takes one observed value.
 * @param added attributes in addition to those; always the same objects, however many checks there are
 */
export type Observe = (value: number, attributes: Attributes, added?: Attributes) => void;

/** A metric of which each check has one value or more at any time. */
export interface CheckGauge extends MetricDefinition {
  readonly instrument: "observable gauge";
  readonly observe: (
    report: CheckReport,
    attributes: CheckAttributes,
    observe: Observe,
    past?: Past | undefined,
  ) => void;
}

const stateAttributes = Object.fromEntries(
  states.map((state) => [state, new KeptAttributes({ [attributeNames.checkState]: state })]),
);

const windowAttributes = Object.fromEntries(
  uptimeWindows.map((window) => [window, new KeptAttributes({ [attributeNames.checkWindow]: window })]),
);

/** Every gauge of a check. All series exist from the start; the status waits for the first run, a certificate's end for a certificate, uptime for known time, a measured value for its measurement. */
export const checkGauges: readonly CheckGauge[] = [
  {
    ...metricTable.status,
    observe: ({ state, lastRun }, attributes, observe) => {
      if (lastRun !== undefined) observe(state === "healthy" ? 1 : 0, attributes.labels);
    },
  },
  {
    ...metricTable.state,
    observe: ({ state: current }, { labels }, observe) => {
      for (const state of states) observe(state === current ? 1 : 0, labels, stateAttributes[state]);
    },
  },
  {
    ...metricTable.maintenance,
    observe: ({ maintenance }, attributes, observe) => observe(maintenance === undefined ? 0 : 1, attributes.labels),
  },
  {
    ...metricTable.responseTime,
    observe: ({ lastRun }, attributes, observe) => observe(lastRun?.durationSeconds ?? Number.NaN, attributes.labels),
  },
  {
    ...metricTable.lastRun,
    observe: ({ lastRun }, attributes, observe) => observe((lastRun?.startedAt ?? 0) / 1000, attributes.labels),
  },
  {
    ...metricTable.lastSuccess,
    observe: ({ lastSuccessAt }, attributes, observe) => observe((lastSuccessAt ?? 0) / 1000, attributes.labels),
  },
  {
    ...metricTable.certificateExpiry,
    observe: ({ certificateExpiresAt }, attributes, observe) => {
      if (certificateExpiresAt !== undefined) observe(certificateExpiresAt / 1000, attributes.labels);
    },
  },
  {
    ...metricTable.consecutiveFailures,
    observe: ({ consecutiveFailures }, attributes, observe) => {
      if (consecutiveFailures !== undefined) observe(consecutiveFailures, attributes.labels);
    },
  },
  {
    ...metricTable.uptimeRatio,
    observe: ({ check }, { labels }, observe, past) => {
      if (past === undefined) return;
      for (const window of uptimeWindows) {
        const uptime = past.uptime(check.name, window);
        if (uptime !== undefined) {
          observe(uptime.availableSeconds / uptime.knownSeconds, labels, windowAttributes[window]);
        }
      }
    },
  },
  {
    ...metricTable.value,
    observe: ({ measures = [] }, attributes, observe) => {
      for (const measured of measures) observe(measured.value, attributes.byMeasure(measured));
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
