import type { Resource } from "@opentelemetry/resources";
import { MeterProvider, type MetricReader } from "@opentelemetry/sdk-metrics";
import type { Logger } from "../health/logger.ts";
import type { CheckMetricProducer } from "./metrics/check-metric-producer.ts";
import type { HistogramKind } from "./metrics/histogram-shape.ts";
import { PrometheusReader } from "./open-metrics/prometheus-reader.ts";
import { describeProcess, type Service } from "./resource.ts";

/** What the metrics of a process are read by. */
export interface SdkOptions {
  readonly service: Service;
  readonly producer: CheckMetricProducer;
  /** Whether the metrics are to be read in Prometheus' way. */
  readonly prometheus: boolean;
  /** Which buckets they then have. */
  readonly histogram: HistogramKind;
  /** Pushes the metrics. */
  readonly pushReader: MetricReader | undefined;
  readonly logger: Logger;
}

/** The part of the SDK that every server needs in the end, and none needs for its first answer. */
export interface Sdk {
  readonly resource: Resource;
  readonly meterProvider: MeterProvider;
  readonly prometheus: PrometheusReader | undefined;
}

export function startSdk({ service, producer, prometheus: isWanted, histogram, pushReader, logger }: SdkOptions): Sdk {
  const resource = describeProcess(service, logger);
  const prometheus = isWanted ? new PrometheusReader({ checks: producer, histogram }) : undefined;
  const readers = [prometheus, pushReader].filter((reader) => reader !== undefined);
  return { resource, prometheus, meterProvider: new MeterProvider({ resource, readers }) };
}
