import { z } from "zod";
import { ServiceWarning } from "../health/errors.ts";
import { byteSize, percent } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { availableToProcess, hostMemory } from "../host/memory-use.ts";
import { printBytes } from "../host/print-bytes.ts";

/**
 * Warns when memory runs short. A cache that the system can free at any time does not count as used.
 *
 * ```yaml
 * checks:
 *   memory: { type: memory, maxUsage: 90%, minAvailable: 512MiB }
 * ```
 */
export class Memory extends healthCheck({
  group: "host",
  settings: {
    maxUsage: percent().prefault("90%").describe("The share of the memory in use at which the check warns."),
    minAvailable: byteSize().optional().describe("The minimum available memory, such as 512MiB."),
    scope: z
      .enum(["container", "host"])
      .default("container")
      .describe("container: of what the control group may use, if it has a limit. host: of all memory."),
  },
  measures: {
    usage: { unit: "%", description: "The share of the memory in use, of what `scope` says." },
    available: { unit: "By", description: "The memory that is still available." },
  },
}) {
  static readonly module = import.meta.url;
  run(): void {
    const { usedBytes, totalBytes, limitedBy } = this.scope === "host" ? hostMemory() : availableToProcess();
    const whole = `${printBytes(totalBytes)} ${limitedBy === "host" ? "of memory" : "that the container may use"}`;
    const usage = (100 * usedBytes) / totalBytes;
    const available = Math.max(0, totalBytes - usedBytes);
    this.measure("usage", usage);
    this.measure("available", available);
    if (usage >= this.maxUsage) throw new ServiceWarning(`${usage.toFixed(1)} % of the ${whole} is in use`);
    if (this.minAvailable !== undefined && available < this.minAvailable) {
      throw new ServiceWarning(`only ${printBytes(available)} of the ${whole} is available`);
    }
  }
}
