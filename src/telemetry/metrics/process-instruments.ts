import { metrics } from "@opentelemetry/api";
import { attributeNames, metricNames, scope } from "../names.ts";

/** Publishes what this process uses: of memory all that is resident, of processor time what it spent itself and in the kernel. */
export function observeProcess(): void {
  const meter = metrics.getMeter(scope);
  meter
    .createObservableGauge(metricNames.processMemory, {
      description: "How much memory of this process is resident.",
      unit: "By",
    })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  meter
    .createObservableCounter(metricNames.processCpu, {
      description: "How much processor time this process has used, by its mode.",
      unit: "s",
    })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe(user / 1e6, { [attributeNames.cpuMode]: "user" });
      result.observe(system / 1e6, { [attributeNames.cpuMode]: "system" });
    });
}
