import type { IOtlpExportDelegate } from "@opentelemetry/otlp-exporter-base";
import type { IExporterMetricsHelper, ISerializer } from "@opentelemetry/otlp-transformer";
import { MissingPackageError } from "../../health/optional-import.ts";
import { readCertificates } from "./connections.ts";
import type { PushTarget } from "./push-target.ts";

/** With the version that fits the rest of the SDK. */
const wantedPackage = "@opentelemetry/otlp-grpc-exporter-base@0.223.0";

/** The services of OTLP (opentelemetry-proto, `opentelemetry/proto/collector`). */
const services = {
  traces: ["TraceExportService", "trace.v1.TraceService"],
  metrics: ["MetricsExportService", "metrics.v1.MetricsService"],
  logs: ["LogsExportService", "logs.v1.LogsService"],
} as const;

/** What sends one signal by gRPC. */
export interface GrpcConnection {
  readonly createDelegate: <Items>(
    serializer: ISerializer<Items, object>,
    helper: IExporterMetricsHelper<Items>,
  ) => IOtlpExportDelegate<Items>;
  readonly disconnect: () => void;
  readonly close: () => void;
}

/**
 * Prepares pushes by gRPC, by the SDK's own exporter, an optional peer dependency. Each has the time-out as its deadline.
 * @throws MissingPackageError when the package is not installed
 */
export async function openGrpc({
  signal,
  url,
  headers,
  timeoutMillis,
  certificates,
}: PushTarget): Promise<GrpcConnection> {
  const grpc = await import("@opentelemetry/otlp-grpc-exporter-base").catch((error: unknown) => {
    throw new MissingPackageError("OTLP by gRPC", wantedPackage, { cause: error });
  });
  const address = new URL(url.reveal());
  const metadata = grpc.createEmptyMetadata();
  for (const [name, secret] of Object.entries(headers)) metadata.set(name, secret.reveal());
  const { ca, cert, key } = await readCertificates(certificates);
  const credentials =
    address.protocol === "https:" ? grpc.createSslCredentials(ca, key, cert) : grpc.createInsecureCredentials();
  const options = grpc.convertLegacyOtlpGrpcOptions(
    { url: address.href, metadata, credentials, timeoutMillis },
    signal.toUpperCase(),
  );
  const [name, service] = services[signal];
  const path = `/opentelemetry.proto.collector.${service}/Export`;
  const delegates: { shutdown(): Promise<void> }[] = [];
  return {
    createDelegate(serializer, helper) {
      const delegate = grpc.createOtlpGrpcExportDelegate(
        options,
        serializer,
        "otlp_grpc_exporter",
        helper,
        undefined,
        name,
        path,
      );
      delegates.push(delegate);
      return delegate;
    },
    // A call ends at its deadline; the SDK then closes a channel over which too many did.
    disconnect: () => {},
    close: () => {
      for (const delegate of delegates) void delegate.shutdown();
    },
  };
}
