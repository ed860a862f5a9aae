import type { IOtlpExportDelegate, OTLPExporterBase } from "@opentelemetry/otlp-exporter-base";
import type { IExporterMetricsHelper, ISerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { PushMetricExporter } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-node";
import { Connections } from "./connections.ts";
import { JudgedDelegate } from "./judged-delegate.ts";
import type { PushTarget } from "./push-target.ts";

// The SDK's parts are imported on first use: most servers are only scraped, and start sooner without them.

/** What sends one signal by OTLP. */
export interface Sender<Exporter> {
  readonly exporter: Exporter;
  /** Ends every connection, also one over which something is being sent; what is sent later opens another. */
  readonly disconnect: () => void;
  /** Ends every connection, and lets none be opened any more. */
  readonly close: () => void;
}

/**
 * Makes what sends spans by OTLP.
 * @throws MissingPackageError when the target wants gRPC, whose package is not installed
 */
export async function createTraceSender(target: PushTarget): Promise<Sender<OTLPExporterBase<ReadableSpan[]>>> {
  const { JsonTraceSerializer, ProtobufTraceSerializer, TraceExporterMetricsHelper } = await transformer();
  const serializer = target.protocol === "http/json" ? JsonTraceSerializer : ProtobufTraceSerializer;
  return senderOf(target, serializer, TraceExporterMetricsHelper, await base());
}

/** Makes what sends log records by OTLP. */
export async function createLogSender(target: PushTarget): Promise<Sender<OTLPExporterBase<ReadableLogRecord[]>>> {
  const { JsonLogsSerializer, LogsExporterMetricsHelper, ProtobufLogsSerializer } = await transformer();
  const serializer = target.protocol === "http/json" ? JsonLogsSerializer : ProtobufLogsSerializer;
  return senderOf(target, serializer, LogsExporterMetricsHelper, await base());
}

/** Makes what sends metrics by OTLP. */
export async function createMetricSender(
  target: PushTarget,
): Promise<Sender<PushMetricExporter & Required<Pick<PushMetricExporter, "selectAggregationTemporality">>>> {
  const [{ JsonMetricsSerializer, MetricsExporterMetricsHelper, ProtobufMetricsSerializer }, metricsExporter] =
    await Promise.all([transformer(), import("@opentelemetry/exporter-metrics-otlp-http")]);
  const serializer = target.protocol === "http/json" ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  return senderOf(target, serializer, MetricsExporterMetricsHelper, metricsExporter.OTLPMetricExporterBase);
}

async function senderOf<Items, Exporter>(
  target: PushTarget,
  serializer: ISerializer<Items, object>,
  helper: IExporterMetricsHelper<Items>,
  ExporterClass: new (delegate: IOtlpExportDelegate<Items>) => Exporter,
): Promise<Sender<Exporter>> {
  const { openGrpc } = target.protocol === "grpc" ? await import("./otlp-grpc.ts") : { openGrpc: undefined };
  if (openGrpc !== undefined) {
    const { createDelegate, ...connection } = await openGrpc(target);
    const delegate = new JudgedDelegate(target, serializer, (judged) => createDelegate(judged, helper));
    return { exporter: new ExporterClass(delegate), ...connection };
  }
  const { convertLegacyHttpOptions, createOtlpHttpExportDelegate } = await import(
    "@opentelemetry/otlp-exporter-base/node-http"
  );
  const connections = new Connections(target);
  const { signal, protocol, url, headers, timeoutMillis } = target;
  // It reads the other `OTEL_EXPORTER_OTLP_…` variables, such as that of the compression.
  const options = convertLegacyHttpOptions(
    {
      url: url.reveal(),
      timeoutMillis,
      headers: async () =>
        Object.fromEntries(Object.entries(headers).map(([name, secret]) => [name, secret.reveal()] as const)),
      httpAgentOptions: (scheme: string) => connections.agentFor(scheme),
    },
    signal.toUpperCase(),
    `v1/${signal}`,
    { "Content-Type": protocol === "http/json" ? "application/json" : "application/x-protobuf" },
  );
  const delegate = new JudgedDelegate(target, serializer, (judged) =>
    createOtlpHttpExportDelegate(options, judged, "otlp_http_exporter", helper, undefined),
  );
  return {
    exporter: new ExporterClass(delegate),
    disconnect: () => connections.end(),
    close: () => connections.close(),
  };
}

async function base() {
  return (await import("@opentelemetry/otlp-exporter-base")).OTLPExporterBase;
}

function transformer() {
  return import("@opentelemetry/otlp-transformer");
}
