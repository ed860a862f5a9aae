import { z } from "zod";
import { NotKnownYet, ServiceWarning } from "../health/errors.ts";
import { percent } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { pressure } from "../host/pressure.ts";

/**
 * Warns when tasks wait too long for processors, memory or disks: Linux' pressure stall information. Unlike the share in use,
 * it says whether anything suffers.
 *
 * ```yaml
 * checks:
 *   memory-pressure: { type: pressure, resource: memory, maxStall: 10% }
 * ```
 */
export class Pressure extends healthCheck({
  group: "host",
  labels: {
    resource: z.enum(["cpu", "memory", "io"]).default("cpu").describe("What tasks wait for."),
  },
  settings: {
    maxStall: percent()
      .prefault("20%")
      .describe("The share of the last minute in which some task waited, at which the check warns."),
    scope: z
      .enum(["container", "host"])
      .default("container")
      .describe("container: the control group, where the kernel tells its pressure. host: the whole machine."),
  },
  measures: {
    stall: { unit: "%", description: "The share of the last minute in which some task waited." },
  },
}) {
  static readonly module = import.meta.url;

  run(): void {
    const found = pressure(this.resource, this.scope);
    if (found === undefined) {
      throw new NotKnownYet("this machine has no pressure stall information (Linux 4.20 or newer, started with psi=1)");
    }
    const { last60Seconds } = found;
    this.measure("stall", last60Seconds);
    if (last60Seconds < this.maxStall) return;
    throw new ServiceWarning(
      `tasks waited for ${this.resource} ${last60Seconds.toFixed(1)} % of the last minute, expected less than ${this.maxStall} %`,
    );
  }
}
