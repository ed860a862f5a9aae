import { z } from "zod";
import { ServiceWarning } from "../health/errors.ts";
import { byteSize, percent } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { availableToProcess, hostMemory } from "../host/memory-use.ts";
import { printBytes } from "../host/print-bytes.ts";

/**
 * Warns when memory runs short. A cache that the system can give at any time is not counted as used.
 *
 * ```yaml
 * checks:
 *   memory: { type: memory, maxUsage: 90%, minAvailable: 512MiB }
 * ```
 */
export class Memory extends healthCheck({
  settings: {
    maxUsage: percent().prefault("90%").describe("Share of the memory in use that is too much."),
    minAvailable: byteSize().optional().describe("How much memory must be available at least, such as 512MiB."),
    scope: z
      .enum(["container", "host"])
      .default("container")
      .describe("container: of what the control group may use, when it has a limit. host: of all there is."),
  },
}) {
  static readonly module = import.meta.url;
  run(): void {
    const { usedBytes, totalBytes, limitedBy } = this.scope === "host" ? hostMemory() : availableToProcess();
    const whole = `${printBytes(totalBytes)} ${limitedBy === "host" ? "of memory" : "that the container may use"}`;
    const usage = (100 * usedBytes) / totalBytes;
    if (usage >= this.maxUsage) throw new ServiceWarning(`${usage.toFixed(1)} % of the ${whole} is in use`);
    const available = Math.max(0, totalBytes - usedBytes);
    if (this.minAvailable !== undefined && available < this.minAvailable) {
      throw new ServiceWarning(`only ${printBytes(available)} of the ${whole} is available`);
    }
  }
}
