import { getNumberFromEnv, getStringFromEnv } from "@opentelemetry/core";
import type { MetricProducer } from "@opentelemetry/sdk-metrics";
import { type MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { meterOf } from "../../health/instrumentation/scope.ts";
import type { Logger } from "../../health/logger.ts";
import { metricTable } from "../metric-table.ts";
import { createObservedCounter } from "../metrics/create-instrument.ts";
import { attributeNames } from "../names.ts";
import type { BoundedMetricExporter } from "./bounded-export.ts";
import type { ExportHealth } from "./export-health.ts";

// The defaults of the OpenTelemetry specification, "Environment variables".
const defaultIntervalMilliseconds = 60_000;
const defaultTimeoutMilliseconds = 30_000;

/** Makes what pushes the metrics every `OTEL_METRIC_EXPORT_INTERVAL` milliseconds. */
export function createPushReader(
  exporter: BoundedMetricExporter,
  producer: MetricProducer,
  logger: Logger,
): PeriodicExportingMetricReader {
  const interval = positive("OTEL_METRIC_EXPORT_INTERVAL", logger) ?? defaultIntervalMilliseconds;
  const timeout = positive("OTEL_METRIC_EXPORT_TIMEOUT", logger) ?? defaultTimeoutMilliseconds;
  warnOfTemporality(logger);
  return new PeriodicExportingMetricReader({
    exporter,
    metricProducers: [producer],
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

function warnOfTemporality(logger: Logger): void {
  const variable = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
  const asked = getStringFromEnv(variable)?.trim().toLowerCase();
  if (asked !== "delta" && asked !== "lowmemory") return;
  logger.warn(
    { variable },
    `${variable}=${asked} holds for what Healthspan measures of itself; the checks' metrics are always cumulative`,
  );
}
