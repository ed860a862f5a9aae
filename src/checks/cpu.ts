import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { ServiceUnavailable, ServiceWarning } from "../health/errors.ts";
import { duration, percent } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { readCpu } from "../host/cpu-use.ts";
import { CpuWindow } from "../host/cpu-window.ts";

/** With an interval. Without one, whoever asks wants to know about the present. */
const defaultWindowSeconds = 60;

/**
 * Warns when nearly all CPU time of the last minute, or of another `window`, was in use. Until a check has seen that much time it
 * passes: a machine that is busy for a moment, such as at a start, is not overloaded. Each run measures what was in use so far.
 *
 * Without an interval, and in `healthspan check`, it looks at the present instead: at the time since the last run. The first run
 * looks at the time since the check was created, and takes a quarter of a second if that was only just now.
 *
 * What was in use during the `startPeriod` belongs to no average that is warned of: the first `window` begins at its end.
 *
 * ```yaml
 * checks:
 *   cpu: { type: cpu, maxUsage: 80%, window: 5m, startPeriod: 2m }
 * ```
 */
export class Cpu extends healthCheck({
  group: "host",
  settings: {
    maxUsage: percent().prefault("80%").describe("The share of the CPU time in use at which the check warns."),
    window: duration()
      .refine((value) => value.milliseconds <= 86_400_000, "must be at most 1d")
      .optional()
      .describe(
        "The time over which the share is averaged; between two runs, if they are further apart. 0s: always between two runs. Default: 1m, and 0s without an interval.",
      ),
    scope: z
      .enum(["container", "host"])
      .default("container")
      .describe("container: of the CPUs that the control group may use, if it has a limit. host: of all CPUs."),
  },
  measures: {
    usage: { unit: "%", description: "The share of the CPU time in use, over `window`, of what `scope` says." },
  },
}) {
  static readonly module = import.meta.url;
  readonly #created = readCpu(this.scope);
  #window: CpuWindow | undefined;

  async run(signal: AbortSignal): Promise<void> {
    this.#window ??= new CpuWindow(this.#created, this.#windowSeconds(), this.startPeriod.seconds);
    const seconds = this.#window.secondsToWait(performance.now() / 1000);
    if (seconds > 0) await setTimeout(1000 * seconds, undefined, { signal });

    const use = this.#window.add(readCpu(this.scope));
    if (use === undefined) throw new ServiceUnavailable("the system does not say how much CPU time is in use");
    this.measure("usage", use.percent);
    if (use.percent < this.maxUsage || !use.isWhole) return;
    const whole =
      use.cpuLimit === undefined ? "" : ` that the container may use (${Number(use.cpuLimit.toFixed(2))} CPUs)`;
    const when = this.#windowSeconds() === 0 ? "is in use" : `was in use in the last ${Math.round(use.seconds)} s`;
    throw new ServiceWarning(`${use.percent.toFixed(1)} % of the CPU time${whole} ${when}`);
  }

  #windowSeconds(): number {
    return this.window?.seconds ?? (this.interval === undefined ? 0 : defaultWindowSeconds);
  }
}
