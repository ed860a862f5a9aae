import { setImmediate as breathe } from "node:timers/promises";
import { emptyResource } from "@opentelemetry/resources";
import type { CollectionResult, MetricProducer } from "@opentelemetry/sdk-metrics";
import type { CheckSource } from "./check-gauges.ts";
import type { RunRecorder } from "./check-instruments.ts";
import { CheckMetrics } from "./check-metrics.ts";
import { scope } from "./names.ts";

/** The event loop gets its turn after so many checks. */
const checksAtATime = 100;

/**
 * Feeds the checks' metrics to the SDK's readers straight from the monitor. The SDK's own instruments would hold the
 * event loop for each scrape of many checks, keep the series of removed checks, and forget the exemplars.
 */
export class CheckMetricProducer implements MetricProducer {
  readonly #startedAt = Date.now();
  #source: CheckSource | undefined;

  /** Reads the metrics from `source` from now on. */
  readonly observe = (source: CheckSource): RunRecorder => {
    this.#source = source;
    return {
      record: () => {}, // The monitor counts its runs itself.
      close: () => {
        if (this.#source === source) this.#source = undefined;
      },
    };
  };

  async collect(): Promise<CollectionResult> {
    const collected = new CheckMetrics(this.#startedAt, Date.now());
    const source = this.#source;
    if (source !== undefined) {
      const reports = source.reports();
      for (let from = 0; from < reports.length; from += checksAtATime) {
        collected.add(reports.slice(from, from + checksAtATime));
        if (from + checksAtATime < reports.length) await breathe();
      }
      collected.addOverallStatus(source.endpoints, reports);
    }
    const scopeMetrics = [{ scope: { name: scope }, metrics: collected.metrics() }];
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
  }
}
