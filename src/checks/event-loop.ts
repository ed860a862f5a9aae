import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { ServiceWarning } from "../health/errors.ts";
import { duration } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";

/** How often the delay is measured. Each value is the time since the one before, so this much of it is not a delay. */
const resolutionMilliseconds = 10;
/** Fewer values than arrive in this time say nothing. */
const minMilliseconds = 250;
/** Fewer values than arrive in this time have no percentile 99: the longest would be it. They are kept for the next run. */
const fullMilliseconds = 1000;

/**
 * Warns when this process's event loop is blocked for long, so that everything in it answers late. It measures the time since
 * the last run, or the last second if that is longer. The first run takes a quarter of a second. With an interval it never warns,
 * because so short a time says too little.
 *
 * The delays of the `startPeriod` are measured, but not warned of.
 *
 * ```yaml
 * checks:
 *   event-loop: { type: event-loop, maxDelay: 100ms }
 * ```
 */
export class EventLoop extends healthCheck({
  group: "host",
  settings: {
    maxDelay: duration().prefault("100ms").describe("The delay at which the check warns."),
    percentile: z
      .number()
      .gt(0)
      .max(100)
      .default(99)
      .describe("The share of the measured delays that must be shorter than maxDelay, in percent. 100: all of them."),
  },
  measures: {
    delay: { unit: "s", description: "How late the event loop was at the given percentile." },
  },
}) {
  static readonly mainThreadOnly = "it is the main thread's event loop that it measures";
  readonly #createdAt = performance.now();
  #delays: ReturnType<typeof monitorEventLoopDelay> | undefined;
  #since = 0;

  async run(signal: AbortSignal): Promise<void> {
    const delays = this.#delays ?? this.#start();
    const missing = minMilliseconds - (performance.now() - this.#since);
    if (missing > 0) await setTimeout(missing, undefined, { signal });
    while (delays.count === 0) await setTimeout(resolutionMilliseconds, undefined, { signal });

    const delay = Math.max(0, delays.percentile(this.percentile) / 1e6 - resolutionMilliseconds);
    const since = this.#since;
    const isFull = performance.now() - since >= fullMilliseconds;
    if (isFull) {
      delays.reset();
      this.#since = performance.now();
    }
    this.measure("delay", delay / 1000);
    const isStarting = since < this.#createdAt + this.startPeriod.milliseconds;
    const isTooShort = !isFull && this.interval !== undefined; // Whoever asks without an interval gets what there is.
    if (delay < this.maxDelay.milliseconds || isStarting || isTooShort) return;
    throw new ServiceWarning(`the event loop is late by ${delay.toFixed(1)} ms (percentile ${this.percentile})`);
  }

  override close(): void {
    this.#delays?.disable();
    this.#delays = undefined;
  }

  /** Not before the first run: the program's start does not count, and a check that never runs costs nothing. */
  #start(): ReturnType<typeof monitorEventLoopDelay> {
    this.#delays = monitorEventLoopDelay({ resolution: resolutionMilliseconds });
    this.#delays.enable();
    this.#since = performance.now();
    return this.#delays;
  }
}
