import type { Counter, Histogram } from "@opentelemetry/api";
import { meterOf } from "../../health/instrumentation/scope.ts";
import { metricTable } from "../metric-table.ts";
import { attributeNames, attributeValues } from "../names.ts";
import { createCounter, createHistogram } from "./create-instrument.ts";

/** Why a run did not start. */
export type SkipReason = (typeof attributeValues.skipReason)[number];

/** Metrics of the engine itself: whether it starts runs on time, and whether the process lets it. */
export class EngineInstruments {
  readonly #schedulerLag: Histogram;
  readonly #eventLoopDelay: Histogram;
  readonly #runsSkipped: Counter;

  constructor() {
    const meter = meterOf();
    this.#schedulerLag = createHistogram(meter, metricTable.schedulerLag);
    this.#eventLoopDelay = createHistogram(meter, metricTable.eventLoopDelay);
    this.#runsSkipped = createCounter(meter, metricTable.runsSkipped);
    for (const reason of attributeValues.skipReason) this.#runsSkipped.add(0, { [attributeNames.skipReason]: reason });
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
