import type { Counter } from "@opentelemetry/api";
import { meterOf } from "../../health/instrumentation/scope.ts";
import { metricTable } from "../metric-table.ts";
import { attributeNames, attributeValues } from "../names.ts";
import type { DurationRecorder, HistogramDefinition } from "./check-instruments.ts";
import { createCounter, createHistogram } from "./create-instrument.ts";

/** Why a run did not start. */
export type SkipReason = (typeof attributeValues.skipReason)[number];

/** Metrics of the engine itself: whether it starts runs on time, and whether the process lets it. */
export class EngineInstruments {
  readonly #schedulerLag: DurationRecorder;
  readonly #eventLoopDelay: DurationRecorder;
  readonly #runsSkipped: Counter;

  /**
   * @param durations what takes the durations. Default: instruments of the global meter provider.
   * @param isShared whether this is a replica of a fleet: only there a run is found to have been alone
   */
  constructor(durations?: (definition: HistogramDefinition) => DurationRecorder, isShared = false) {
    const meter = meterOf();
    const histogram = durations ?? ((definition) => createHistogram(meter, definition));
    this.#schedulerLag = histogram(metricTable.schedulerLag);
    this.#eventLoopDelay = histogram(metricTable.eventLoopDelay);
    this.#runsSkipped = createCounter(meter, metricTable.runsSkipped);
    for (const reason of attributeValues.skipReason) {
      if (reason !== "alone" || isShared) this.#runsSkipped.add(0, { [attributeNames.skipReason]: reason });
    }
  }

  /** Takes how late the event loop was for a timer. */
  delayed(seconds: number): void {
    this.#eventLoopDelay.record(seconds);
  }

  lagged(seconds: number): void {
    this.#schedulerLag.record(seconds);
  }

  skipped(reason: SkipReason): void {
    this.#runsSkipped.add(1, { [attributeNames.skipReason]: reason });
  }
}
