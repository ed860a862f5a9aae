import { z } from "zod";
import { ServiceUnavailable, ServiceWarning } from "../health/errors.ts";
import { percent } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { powerSupplies } from "../host/sensors.ts";

/**
 * Warns when a battery of this machine is low, or, if asked to, when it is not plugged in. Linux only.
 *
 * ```yaml
 * checks:
 *   battery: { type: battery, minCharge: 30%, plugged: true }
 * ```
 */
export class Battery extends healthCheck({
  group: "host",
  labels: {
    device: z.string().min(1).optional().describe("The battery, such as BAT0. Default: every battery."),
  },
  settings: {
    minCharge: percent().prefault("20%").describe("The charge at which the check warns."),
    plugged: z.boolean().default(false).describe("Whether the check warns while the machine runs on its battery."),
  },
  measures: {
    charge: { unit: "%", description: "The charge of the battery; of several, the lowest." },
  },
}) {
  static readonly module = import.meta.url;

  run(): void {
    const { batteries, isPluggedIn } = powerSupplies();
    const chosen = batteries.filter(({ device }) => this.device === undefined || device === this.device);
    if (chosen.length === 0) {
      const known = batteries.map(({ device }) => device).join(", ");
      throw new ServiceUnavailable(
        this.device === undefined || known === ""
          ? "this machine has no battery"
          : `this machine has no battery ${this.device}; it has ${known}`,
      );
    }
    this.measure("charge", Math.min(...chosen.map(({ charge }) => charge)));
    for (const { device, charge } of chosen) {
      if (charge <= this.minCharge) throw new ServiceWarning(`${device} is charged to ${charge} %`);
    }
    if (this.plugged && isPluggedIn === false) throw new ServiceWarning("the machine is not plugged in");
  }
}
