import { readFile } from "node:fs/promises";
import type { Agent } from "node:http";
import type { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import type { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import type { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import type { PushTarget } from "./push-target.ts";

// The exporters are imported on first use: most servers are only scraped, and start sooner without them.

/** What sends one signal by OTLP. */
export interface Sender<Exporter> {
  readonly exporter: Exporter;
  /** Ends every connection, also one over which something is being sent; what is sent later opens another. */
  readonly disconnect: () => void;
}

/**
 * Makes what sends spans by OTLP.
 * @param stop ends every connection when it fires, and lets none be opened any more
 */
export async function createTraceSender(target: PushTarget, stop: AbortSignal): Promise<Sender<OTLPTraceExporter>> {
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-proto");
  const { options, disconnect } = exporterOptions(target, stop);
  return { exporter: new OTLPTraceExporter(options), disconnect };
}

/** Makes what sends metrics by OTLP, likewise. */
export async function createMetricSender(target: PushTarget, stop: AbortSignal): Promise<Sender<OTLPMetricExporter>> {
  const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-proto");
  const { options, disconnect } = exporterOptions(target, stop);
  return { exporter: new OTLPMetricExporter(options), disconnect };
}

/** Makes what sends log records by OTLP, likewise. */
export async function createLogSender(target: PushTarget, stop: AbortSignal): Promise<Sender<OTLPLogExporter>> {
  const { OTLPLogExporter } = await import("@opentelemetry/exporter-logs-otlp-proto");
  const { options, disconnect } = exporterOptions(target, stop);
  return { exporter: new OTLPLogExporter(options), disconnect };
}

/** The exporters read the other `OTEL_EXPORTER_OTLP_…` variables themselves. */
function exporterOptions({ url, headers, timeoutMillis, certificates }: PushTarget, stop: AbortSignal) {
  let agent: Agent | undefined;
  const openAgent = async (protocol: string): Promise<Agent> => {
    const common = { keepAlive: true, signal: stop };
    if (protocol === "http:") return new (await import("node:http")).Agent(common);
    return new (await import("node:https")).Agent({ ...common, ...(await readCertificates(certificates)) });
  };
  const options = {
    url: url.reveal(),
    timeoutMillis,
    headers: async () =>
      Object.fromEntries(Object.entries(headers).map(([name, secret]) => [name, secret.reveal()] as const)),
    // Is called once, before the first push.
    httpAgentOptions: async (protocol: string): Promise<Agent> => {
      agent = await openAgent(protocol);
      return agent;
    },
  };
  return { options, disconnect: () => agent?.destroy() };
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
