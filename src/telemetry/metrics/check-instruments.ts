import type { BatchObservableResult, ObservableGauge } from "@opentelemetry/api";
import { meterOf } from "../../health/instrumentation/scope.ts";
import type { CheckIdentity } from "../../health/report.ts";
import type { Result } from "../../health/result.ts";
import type { MetricDefinition } from "../metric-definition.ts";
import { metricTable } from "../metric-table.ts";
import { attributesOf } from "./check-attributes.ts";
import { type CheckSource, checkGauges, exposedOf, type Observe, observeOverallStatus } from "./check-gauges.ts";
import { allAttributes } from "./check-metrics.ts";
import { createGauge, createHistogram } from "./create-instrument.ts";
import { classicShape, type HistogramShape } from "./histogram-shape.ts";

/** A metric of ours that is a histogram. */
export type HistogramDefinition = MetricDefinition & { readonly instrument: "histogram" };

/** Takes durations. */
export interface DurationRecorder {
  record(seconds: number): void;
}

/** Takes every run, for the metrics that count them. */
export interface RunRecorder {
  /** @param check what is published of the check: the same object as in its reports */
  record(result: Result, check: CheckIdentity): void;
  /** How the monitor is to count the durations of runs. Default: as its options say. */
  readonly histogram?: HistogramShape;
  /** What takes durations of the process itself, in seconds. Default: an instrument of the global meter provider. */
  readonly durations?: (definition: HistogramDefinition) => DurationRecorder;
  /** Stops observing checks that are gone. */
  close(): void;
}

/**
 * Makes the checks' metrics instruments of the program's own meter provider. What a library does; the server reads
 * the monitor directly (see `CheckMetricProducer`).
 */
export function observeWithApi(source: CheckSource, { kind, bounds }: HistogramShape = classicShape): RunRecorder {
  const meter = meterOf();
  const gauges = checkGauges.map((gauge) => ({ gauge, instrument: createGauge(meter, gauge) }));
  const overall = createGauge(meter, metricTable.overallStatus);
  const duration = kind === "none" ? undefined : createHistogram(meter, metricTable.duration, bounds);
  const instruments = [...gauges.map(({ instrument }) => instrument), overall];
  const callback = (result: BatchObservableResult): void => {
    const reports = source.reports();
    const exposed = exposedOf(reports, source);
    const into = (instrument: ObservableGauge): Observe => {
      return (value, attributes, added) => result.observe(instrument, value, allAttributes({ attributes, added }));
    };
    for (const { gauge, instrument } of gauges) {
      const observe = into(instrument);
      for (const report of exposed) gauge.observe(report, attributesOf(report.check), observe, source.history);
    }
    observeOverallStatus(source.endpoints, reports, into(overall));
  };
  meter.addBatchObservableCallback(callback, instruments);
  return {
    record: ({ failure, durationSeconds }, check) => {
      duration?.record(durationSeconds, attributesOf(check).byOutcome(failure?.reason));
    },
    close: () => meter.removeBatchObservableCallback(callback, instruments),
  };
}
