import { availableParallelism, loadavg } from "node:os";
import { z } from "zod";
import { NotKnownYet, ServiceWarning } from "../health/errors.ts";
import { healthCheck } from "../health/health-check.ts";

/** What `loadavg` gives, in this order. */
const windows = ["1m", "5m", "15m"] as const;

/**
 * Warns when many more tasks run, or wait for a processor or a disk, than the machine has processors. The load average is always
 * that of the whole machine.
 *
 * ```yaml
 * checks:
 *   load: { type: load, maxPerCpu: 1.5 }
 * ```
 */
export class Load extends healthCheck({
  group: "host",
  settings: {
    maxPerCpu: z.number().positive().default(2).describe("The load for each processor at which the check warns."),
    window: z.enum(windows).default("5m").describe("Over which time the load is averaged."),
  },
  measures: {
    load: { unit: "{tasks}", description: "The load average over `window`." },
    loadPerCpu: { unit: "{tasks}", description: "The same for each processor." },
  },
}) {
  static readonly module = import.meta.url;

  run(): void {
    if (process.platform === "win32") throw new NotKnownYet("Windows has no load average");
    const cpus = availableParallelism();
    const load = loadavg()[windows.indexOf(this.window)] ?? 0; // It always has three.
    this.measure("load", load);
    this.measure("loadPerCpu", load / cpus);
    if (load / cpus < this.maxPerCpu) return;
    throw new ServiceWarning(
      `the load over ${this.window} is ${load.toFixed(2)} on ${cpus} processors, expected less than ${this.maxPerCpu} each`,
    );
  }
}
