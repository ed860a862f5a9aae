import { metrics } from "@opentelemetry/api";
import { metricNames, scope } from "../names.ts";

/** What is known of the last attempt to take a changed configuration. */
export interface ReloadStatus {
  readonly successful: boolean;
  /** When a configuration was last taken, in milliseconds since the epoch. */
  readonly successAt: number;
}

/** Publishes whether the last reload was successful, as Prometheus does of its own. */
export function observeReloads(status: () => ReloadStatus): void {
  const meter = metrics.getMeter(scope);
  meter
    .createObservableGauge(metricNames.reloadSuccessful, {
      description: "Whether the last attempt to load the configuration was successful: 1, else 0.",
    })
    .addCallback((result) => result.observe(status().successful ? 1 : 0));
  meter
    .createObservableGauge(metricNames.reloadSuccess, {
      description: "When a configuration was last loaded, in seconds since the epoch.",
      unit: "s",
    })
    .addCallback((result) => result.observe(status().successAt / 1000));
}
