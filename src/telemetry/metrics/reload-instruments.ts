import { meterOf } from "../../health/instrumentation/scope.ts";
import { metricTable } from "../metric-table.ts";
import { createGauge } from "./create-instrument.ts";

/** What is known of the last attempt to take a changed configuration. */
export interface ReloadStatus {
  readonly successful: boolean;
  /** When a configuration was last taken, in milliseconds since the epoch. */
  readonly successAt: number;
}

/** Publishes whether the last reload was successful, as Prometheus does of its own. */
export function observeReloads(status: () => ReloadStatus): void {
  const meter = meterOf();
  const { reloadSuccessful, reloadSuccess } = metricTable;
  createGauge(meter, reloadSuccessful).addCallback((result) => result.observe(status().successful ? 1 : 0));
  createGauge(meter, reloadSuccess).addCallback((result) => result.observe(status().successAt / 1000));
}
