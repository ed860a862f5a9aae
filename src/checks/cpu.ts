import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { ServiceUnavailable, ServiceWarning } from "../health/errors.ts";
import { percent } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { type CpuReading, cpuUse, readCpu } from "../host/cpu-use.ts";

/** The system counts in steps of 10 ms: a shorter measurement would be noise. */
const minSeconds = 0.25;

/**
 * Warns when nearly all CPU time is in use. It measures the time since the last run. The first run measures the time since the
 * check was created, and takes a quarter of a second if that was only just now.
 *
 * ```yaml
 * checks:
 *   cpu: { type: cpu, maxUsage: 80% }
 * ```
 */
export class Cpu extends healthCheck({
  group: "host",
  settings: {
    maxUsage: percent().prefault("80%").describe("The share of the CPU time in use at which the check warns."),
    scope: z
      .enum(["container", "host"])
      .default("container")
      .describe("container: of the CPUs that the control group may use, if it has a limit. host: of all CPUs."),
  },
  measures: {
    usage: { unit: "%", description: "The share of the CPU time in use, of what `scope` says." },
  },
}) {
  static readonly module = import.meta.url;
  #latest: CpuReading = readCpu(this.scope);
  #earlier: CpuReading | undefined;

  async run(signal: AbortSignal): Promise<void> {
    const age = performance.now() / 1000 - this.#latest.atSeconds;
    const tooSoon = age < minSeconds;
    if (tooSoon && this.#earlier === undefined) await setTimeout(1000 * (minSeconds - age), undefined, { signal });
    const before = (tooSoon ? this.#earlier : undefined) ?? this.#latest;
    const after = readCpu(this.scope);
    if (before === this.#latest) {
      this.#earlier = before;
      this.#latest = after;
    }

    const use = cpuUse(before, after);
    if (use === undefined) throw new ServiceUnavailable("the system does not say how much CPU time is in use");
    this.measure("usage", use.percent);
    if (use.percent < this.maxUsage) return;
    const whole =
      use.cpuLimit === undefined ? "" : ` that the container may use (${Number(use.cpuLimit.toFixed(2))} CPUs)`;
    throw new ServiceWarning(`${use.percent.toFixed(1)} % of the CPU time${whole} is in use`);
  }
}
