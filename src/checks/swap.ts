import { NotKnownYet, ServiceWarning } from "../health/errors.ts";
import { percent } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { hostSwap } from "../host/memory-use.ts";
import { printBytes } from "../host/print-bytes.ts";

/**
 * Warns when the machine's swap space is nearly full. A machine without any is healthy.
 *
 * ```yaml
 * checks:
 *   swap: { type: swap, maxUsage: 60% }
 * ```
 */
export class Swap extends healthCheck({
  group: "host",
  settings: {
    maxUsage: percent().prefault("80%").describe("The share of the swap space in use at which the check warns."),
  },
  measures: {
    usage: { unit: "%", description: "The share of the swap space in use; 0 on a machine without any." },
  },
}) {
  static readonly module = import.meta.url;

  run(): void {
    const swap = hostSwap();
    if (swap === undefined) throw new NotKnownYet("this system does not tell how much swap space is in use");
    const usage = swap.totalBytes === 0 ? 0 : (100 * swap.usedBytes) / swap.totalBytes;
    this.measure("usage", usage);
    if (swap.totalBytes === 0) return;
    if (usage < this.maxUsage) return;
    throw new ServiceWarning(`${usage.toFixed(1)} % of the ${printBytes(swap.totalBytes)} of swap space is in use`);
  }
}
