import { type Counter, type Histogram, metrics } from "@opentelemetry/api";
import { attributeNames, durationBounds, metricNames, scope } from "./names.ts";

/** Why a scheduled run did not start: the one before is `running`, or was given up and is still `held` by its code. */
export type SkipReason = "running" | "held";

const sampleMilliseconds = 200;

/** What the engine tells of itself: whether it starts runs on time, and whether the process lets it. */
export class EngineInstruments {
  readonly #schedulerLag: Histogram;
  readonly #eventLoopDelay: Histogram;
  readonly #runsSkipped: Counter;
  #timer: NodeJS.Timeout | undefined;

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
      description: "Runs that did not start because the check's previous one had not ended.",
    });
    for (const reason of ["running", "held"] satisfies SkipReason[]) this.#runsSkipped.add(0, { reason });
  }

  /** Begins to watch the event loop. */
  start(): void {
    let expectedAt = performance.now() + sampleMilliseconds;
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#eventLoopDelay.record(Math.max(0, now - expectedAt) / 1000);
      expectedAt = now + sampleMilliseconds;
    }, sampleMilliseconds);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  lagged(seconds: number): void {
    this.#schedulerLag.record(seconds);
  }

  skipped(reason: SkipReason): void {
    this.#runsSkipped.add(1, { [attributeNames.reason]: reason });
  }
}
