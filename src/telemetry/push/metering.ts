import { getNumberFromEnv } from "@opentelemetry/core";
import { type MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { meterOf } from "../../health/instrumentation/scope.ts";
import type { Logger } from "../../health/logger.ts";
import { metricTable } from "../metric-table.ts";
import type { CheckMetricProducer } from "../metrics/check-metric-producer.ts";
import { createObservedCounter } from "../metrics/create-instrument.ts";
import { aggregationTypes, delta, instrumentTypes } from "../metrics/metric-values.ts";
import { attributeNames } from "../names.ts";
import type { BoundedMetricExporter } from "./bounded-export.ts";
import type { ExportHealth } from "./export-health.ts";

// The defaults of the OpenTelemetry specification, "Environment variables".
const defaultIntervalMilliseconds = 60_000;
const defaultTimeoutMilliseconds = 30_000;

/** Makes what pushes the metrics every `OTEL_METRIC_EXPORT_INTERVAL` milliseconds. */
export function createPushReader(
  exporter: BoundedMetricExporter,
  producer: CheckMetricProducer,
  logger: Logger,
): PeriodicExportingMetricReader {
  const interval = positive("OTEL_METRIC_EXPORT_INTERVAL", logger) ?? defaultIntervalMilliseconds;
  const timeout = positive("OTEL_METRIC_EXPORT_TIMEOUT", logger) ?? defaultTimeoutMilliseconds;
  const source = producer.collectingFor({
    exponential: exporter.selectAggregation(instrumentTypes.histogram).type === aggregationTypes.exponentialHistogram,
    delta: exporter.selectAggregationTemporality(instrumentTypes.histogram) === delta,
  });
  return new PeriodicExportingMetricReader({
    exporter,
    metricProducers: [source],
    exportIntervalMillis: interval,
    exportTimeoutMillis: Math.min(timeout, interval), // The SDK refuses a longer one.
    // The SDK's own limit would silently merge the 2001st series of an instrument and all after it into one.
    cardinalityLimits: { default: Number.POSITIVE_INFINITY },
  });
}

/** Counts the failed pushes, for readers that can still be reached. */
export function countFailures(provider: MeterProvider, pushes: readonly { readonly health: ExportHealth }[]): void {
  if (pushes.length === 0) return;
  const counter = createObservedCounter(meterOf(provider), metricTable.exportFailures);
  counter.addCallback((result) => {
    for (const { health } of pushes)
      result.observe(health.failures, { [attributeNames.telemetrySignal]: health.signal });
  });
}

function positive(variable: string, logger: Logger): number | undefined {
  const value = getNumberFromEnv(variable);
  if (value === undefined || value > 0) return value;
  logger.warn({ variable }, `${variable} is ignored: it must be a number of milliseconds above 0`);
  return undefined;
}
