import { readFile } from "node:fs/promises";
import type { Agent } from "node:http";
import type { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import type { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import type { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import type { AggregationOption, InstrumentType } from "@opentelemetry/sdk-metrics";
import type { PushTarget } from "./push-target.ts";

// The exporters are imported on first use: most servers are only scraped, and start sooner without them.

/** What sends one signal by OTLP. */
export interface Sender<Exporter> {
  readonly exporter: Exporter;
  /** Ends every connection, also one over which something is being sent; what is sent later opens another. */
  readonly disconnect: () => void;
  /** Ends every connection, and lets none be opened any more. */
  readonly close: () => void;
}

/** Makes what sends spans by OTLP. */
export async function createTraceSender(target: PushTarget): Promise<Sender<OTLPTraceExporter>> {
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-proto");
  const connections = new Connections(target);
  return senderOf(new OTLPTraceExporter(exporterOptions(target, connections)), connections);
}

/**
 * Makes what sends metrics by OTLP.
 * @param exponential whether its histograms have exponential buckets
 */
export async function createMetricSender(
  target: PushTarget,
  exponential: boolean,
): Promise<Sender<OTLPMetricExporter>> {
  const [{ OTLPMetricExporter }, { AggregationType, InstrumentType }] = await Promise.all([
    import("@opentelemetry/exporter-metrics-otlp-proto"),
    import("@opentelemetry/sdk-metrics"),
  ]);
  const connections = new Connections(target);
  const aggregationPreference = (instrument: InstrumentType): AggregationOption => {
    const isExponential = exponential && instrument === InstrumentType.HISTOGRAM;
    return { type: isExponential ? AggregationType.EXPONENTIAL_HISTOGRAM : AggregationType.DEFAULT };
  };
  const exporter = new OTLPMetricExporter({ ...exporterOptions(target, connections), aggregationPreference });
  return senderOf(exporter, connections);
}

/** Makes what sends log records by OTLP. */
export async function createLogSender(target: PushTarget): Promise<Sender<OTLPLogExporter>> {
  const { OTLPLogExporter } = await import("@opentelemetry/exporter-logs-otlp-proto");
  const connections = new Connections(target);
  return senderOf(new OTLPLogExporter(exporterOptions(target, connections)), connections);
}

/** The exporters read the other `OTEL_EXPORTER_OTLP_…` variables themselves. */
function exporterOptions({ url, headers, timeoutMillis }: PushTarget, connections: Connections) {
  return {
    url: url.reveal(),
    timeoutMillis,
    headers: async () =>
      Object.fromEntries(Object.entries(headers).map(([name, secret]) => [name, secret.reveal()] as const)),
    httpAgentOptions: (protocol: string) => connections.agentFor(protocol),
  };
}

function senderOf<Exporter>(exporter: Exporter, connections: Connections): Sender<Exporter> {
  return { exporter, disconnect: () => connections.end(), close: () => connections.close() };
}

/**
 * The connections to one collector. They are ended through their agent: an abort signal given to it would hold on to each
 * of its sockets, and to what was sent over it, for as long as the process lives.
 */
class Connections {
  readonly #certificates: PushTarget["certificates"];
  #agent: Agent | undefined;
  #closed = false;

  constructor({ certificates }: PushTarget) {
    this.#certificates = certificates;
  }

  /** The exporter asks for it once, before its first push. */
  async agentFor(protocol: string): Promise<Agent> {
    this.#agent = await this.#open(protocol);
    if (this.#closed) this.close();
    return this.#agent;
  }

  end(): void {
    this.#agent?.destroy();
  }

  close(): void {
    this.#closed = true;
    if (this.#agent === undefined) return;
    // Not the reset that destroy() leads to, after which the exporter would try again.
    const ended = new Error("the telemetry has been shut down");
    this.#agent.createConnection = () => {
      throw ended;
    };
    for (const socket of Object.values(this.#agent.sockets).flat()) socket?.destroy(ended);
    this.#agent.destroy();
  }

  async #open(protocol: string): Promise<Agent> {
    const options = { keepAlive: true };
    if (protocol === "http:") return new (await import("node:http")).Agent(options);
    return new (await import("node:https")).Agent({ ...options, ...(await readCertificates(this.#certificates)) });
  }
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
