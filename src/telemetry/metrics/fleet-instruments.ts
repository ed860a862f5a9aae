import { meterOf } from "../../health/instrumentation/scope.ts";
import { metricTable } from "../metric-table.ts";
import { attributeNames } from "../names.ts";
import { createGauge, createObservedCounter } from "./create-instrument.ts";

/** What a replica knows of its fleet. */
interface FleetStatus {
  readonly name: string;
  /** Whether Redis answers. */
  readonly isConnected: boolean;
  readonly replicas: readonly unknown[];
  /** The shards that this replica holds. */
  readonly held: readonly unknown[];
  readonly leasesLost: number;
  readonly commitsRefused: number;
  readonly configurations: number;
}

/** Publishes how this replica and its fleet are. */
export function observeFleet(current: () => FleetStatus): void {
  const meter = meterOf();
  const { fleetConnected, fleetReplicas, fleetShards, fleetConfigurations } = metricTable;
  const { fleetLeasesLost, fleetCommitsRefused } = metricTable;
  const observe = (value: (status: FleetStatus) => number) => {
    return (result: { observe(value: number, attributes: Readonly<Record<string, string>>): void }) => {
      const status = current();
      result.observe(value(status), { [attributeNames.fleetName]: status.name });
    };
  };
  createGauge(meter, fleetConnected).addCallback(observe(({ isConnected }) => (isConnected ? 1 : 0)));
  createGauge(meter, fleetReplicas).addCallback(observe(({ replicas }) => replicas.length));
  createGauge(meter, fleetShards).addCallback(observe(({ held }) => held.length));
  createGauge(meter, fleetConfigurations).addCallback(observe(({ configurations }) => configurations));
  createObservedCounter(meter, fleetLeasesLost).addCallback(observe(({ leasesLost }) => leasesLost));
  createObservedCounter(meter, fleetCommitsRefused).addCallback(observe(({ commitsRefused }) => commitsRefused));
}
