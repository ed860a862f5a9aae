import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { ServiceUnavailable, ServiceWarning } from "../health/errors.ts";
import { percent } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { type CpuReading, cpuUse, readCpu } from "../host/cpu-use.ts";

/** The system counts in steps of 10 ms: a shorter measurement would be noise. */
const shortestSeconds = 0.25;

/**
 * Warns when nearly all CPU time is in use. What is measured is the time since the last run; the first run looks back to
 * when the check was made, and takes a quarter of a second when that is just now.
 *
 * ```yaml
 * checks:
 *   cpu: { type: cpu, maxUsage: 80% }
 * ```
 */
export class Cpu extends healthCheck({
  settings: {
    maxUsage: percent().prefault("80%").describe("Share of the CPU time in use that is too much."),
    scope: z
      .enum(["container", "host"])
      .default("container")
      .describe("container: of the CPUs that the control group may use, when it has a limit. host: of all there are."),
  },
}) {
  static readonly module = import.meta.url;
  #latest: CpuReading = readCpu(this.scope);
  #earlier: CpuReading | undefined;

  async run(signal: AbortSignal): Promise<void> {
    const age = performance.now() / 1000 - this.#latest.atSeconds;
    const tooSoon = age < shortestSeconds;
    if (tooSoon && this.#earlier === undefined) await setTimeout(1000 * (shortestSeconds - age), undefined, { signal });
    const before = (tooSoon ? this.#earlier : undefined) ?? this.#latest;
    const after = readCpu(this.scope);
    if (before === this.#latest) {
      this.#earlier = before;
      this.#latest = after;
    }

    const use = cpuUse(before, after);
    if (use === undefined) throw new ServiceUnavailable("the system does not tell how much CPU time is in use");
    if (use.percent < this.maxUsage) return;
    const whole =
      use.cpuLimit === undefined ? "" : ` that the container may use (${Number(use.cpuLimit.toFixed(2))} CPUs)`;
    throw new ServiceWarning(`${use.percent.toFixed(1)} % of the CPU time${whole} is in use`);
  }
}
