import { readFile } from "node:fs/promises";
import type { Agent } from "node:http";
import type { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import type { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import type { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import type { PushTarget } from "./push-target.ts";

// The exporters are imported on first use: most servers are only scraped, and start sooner without them.

/**
 * Makes what sends spans by OTLP.
 * @param stop ends every connection when it fires, also one that is under way
 */
export async function createTraceExporter(target: PushTarget, stop: AbortSignal): Promise<OTLPTraceExporter> {
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-proto");
  return new OTLPTraceExporter(exporterOptions(target, stop));
}

/**
 * Makes what sends metrics by OTLP.
 * @param stop ends every connection when it fires, also one that is under way
 */
export async function createMetricExporter(target: PushTarget, stop: AbortSignal): Promise<OTLPMetricExporter> {
  const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-proto");
  return new OTLPMetricExporter(exporterOptions(target, stop));
}

/**
 * Makes what sends log records by OTLP.
 * @param stop ends every connection when it fires, also one that is under way
 */
export async function createLogExporter(target: PushTarget, stop: AbortSignal): Promise<OTLPLogExporter> {
  const { OTLPLogExporter } = await import("@opentelemetry/exporter-logs-otlp-proto");
  return new OTLPLogExporter(exporterOptions(target, stop));
}

/** The exporters read the other `OTEL_EXPORTER_OTLP_…` variables themselves. */
function exporterOptions({ url, headers, timeoutMillis, certificates }: PushTarget, stop: AbortSignal) {
  return {
    url: url.reveal(),
    timeoutMillis,
    headers: async () =>
      Object.fromEntries(Object.entries(headers).map(([name, secret]) => [name, secret.reveal()] as const)),
    httpAgentOptions: async (protocol: string): Promise<Agent> => {
      const options = { keepAlive: true, signal: stop };
      if (protocol === "http:") return new (await import("node:http")).Agent(options);
      return new (await import("node:https")).Agent({ ...options, ...(await readCertificates(certificates)) });
    },
  };
}

async function readCertificates(paths: PushTarget["certificates"]): Promise<Record<string, Buffer>> {
  const read = Object.entries(paths).map(async ([kind, path]) => {
    try {
      return [kind, await readFile(path)] as const;
    } catch {
      return undefined; // The exporter has tried it too, and has said so.
    }
  });
  return Object.fromEntries((await Promise.all(read)).filter((entry) => entry !== undefined));
}
