import { meterOf } from "../../health/instrumentation/scope.ts";
import { metricTable } from "../metric-table.ts";
import { attributeNames } from "../names.ts";
import { createObservedCounter, createObservedUpDownCounter } from "./create-instrument.ts";

/** Publishes what this process uses: of memory all that is resident, of processor time what it spent itself and in the kernel. */
export function observeProcess(): void {
  const meter = meterOf();
  const memory = createObservedUpDownCounter(meter, metricTable.processMemory);
  memory.addCallback((result) => result.observe(process.memoryUsage.rss()));
  createObservedCounter(meter, metricTable.processCpu).addCallback((result) => {
    const { user, system } = process.cpuUsage();
    result.observe(user / 1e6, { [attributeNames.cpuMode]: "user" });
    result.observe(system / 1e6, { [attributeNames.cpuMode]: "system" });
  });
}
