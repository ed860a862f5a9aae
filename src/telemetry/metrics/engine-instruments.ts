import { type Counter, type Histogram, metrics } from "@opentelemetry/api";
import { attributeNames, durationBounds, metricNames, scope } from "../names.ts";

/**
 * Why a run did not start: the one before is `running`, or was given up and is still `stuck` by its code, or a
 * `dependency` is down.
 */
export type SkipReason = "running" | "stuck" | "dependency";

/** What the engine tells of itself: whether it starts runs on time, and whether the process lets it. */
export class EngineInstruments {
  readonly #schedulerLag: Histogram;
  readonly #eventLoopDelay: Histogram;
  readonly #runsSkipped: Counter;

  constructor() {
    const meter = metrics.getMeter(scope);
    const advice = { explicitBucketBoundaries: [...durationBounds] };
    this.#schedulerLag = meter.createHistogram(metricNames.schedulerLag, {
      description: "How much later than planned scheduled runs started.",
      unit: "s",
      advice,
    });
    this.#eventLoopDelay = meter.createHistogram(metricNames.eventLoopDelay, {
      description: "How late timers of this process fire.",
      unit: "s",
      advice,
    });
    this.#runsSkipped = meter.createCounter(metricNames.runsSkipped, {
      description: "Runs that did not start, by the reason.",
    });
    for (const reason of ["running", "stuck", "dependency"] satisfies SkipReason[])
      this.#runsSkipped.add(0, { reason });
  }

  /** The event loop came so much later than asked to a timer. */
  delayed(seconds: number): void {
    this.#eventLoopDelay.record(seconds);
  }

  lagged(seconds: number): void {
    this.#schedulerLag.record(seconds);
  }

  skipped(reason: SkipReason): void {
    this.#runsSkipped.add(1, { [attributeNames.reason]: reason });
  }
}
