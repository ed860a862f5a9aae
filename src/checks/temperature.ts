import { z } from "zod";
import { NotKnownYet, ServiceUnavailable, ServiceWarning } from "../health/errors.ts";
import { healthCheck } from "../health/health-check.ts";
import { type Temperature as Reading, temperatures } from "../host/sensors.ts";

/**
 * Warns when a part of this machine is too hot: by the limit that its sensor tells, or by one of your own. Linux only.
 *
 * ```yaml
 * checks:
 *   processor-temperature: { type: temperature, sensor: coretemp, maxTemperature: 85 }
 * ```
 */
export class Temperature extends healthCheck({
  group: "host",
  labels: {
    sensor: z
      .string()
      .min(1)
      .optional()
      .describe("A sensor such as `coretemp/Core 0`, or a chip such as `coretemp`. Default: every sensor."),
  },
  settings: {
    maxTemperature: z
      .number()
      .optional()
      .describe("The temperature in degrees Celsius at which the check warns. Default: the limit of each sensor."),
  },
  measures: {
    temperature: { unit: "Cel", description: "The temperature of the hottest chosen sensor." },
  },
}) {
  static readonly module = import.meta.url;

  run(): void {
    const readings = temperatures().filter(({ sensor }) => this.#isChosen(sensor));
    const [hottest] = readings.toSorted((a, b) => b.celsius - a.celsius);
    if (hottest === undefined) {
      throw new ServiceUnavailable(
        this.sensor === undefined ? "this machine has no temperature sensor" : `there is no sensor ${this.sensor}`,
      );
    }
    this.measure("temperature", hottest.celsius);
    const judged = readings.filter((reading) => this.#limitOf(reading) !== undefined);
    if (judged.length === 0) {
      throw new NotKnownYet("no sensor tells its limit: set maxTemperature");
    }
    const hot = judged.find((reading) => reading.celsius >= (this.#limitOf(reading) ?? Number.POSITIVE_INFINITY));
    if (hot === undefined) return;
    throw new ServiceWarning(
      `${hot.sensor} is at ${hot.celsius.toFixed(1)} °C, expected less than ${this.#limitOf(hot)} °C`,
    );
  }

  #isChosen(sensor: string): boolean {
    return this.sensor === undefined || sensor === this.sensor || sensor.startsWith(`${this.sensor}/`);
  }

  #limitOf({ limit }: Reading): number | undefined {
    return this.maxTemperature ?? limit;
  }
}
