import { meterOf } from "../../health/instrumentation/scope.ts";
import { metricTable } from "../metric-table.ts";
import { createGauge } from "./create-instrument.ts";

/** The share of the checks that a replica runs. */
interface Shard {
  readonly shard: number;
  readonly of: number;
}

/** Publishes which shard this replica runs, so that an alert can tell that one is missing. Without one, there is no series. */
export function observeShard(current: () => Shard | undefined): void {
  const meter = meterOf();
  const { shardOrdinal, fleetSize } = metricTable;
  const observe = (value: (shard: Shard) => number) => (result: { observe(value: number): void }) => {
    const shard = current();
    if (shard !== undefined) result.observe(value(shard));
  };
  createGauge(meter, shardOrdinal).addCallback(observe(({ shard }) => shard));
  createGauge(meter, fleetSize).addCallback(observe(({ of }) => of));
}
