import type { Resource } from "@opentelemetry/resources";
import type { NodeTracerProvider, ReadableSpan } from "@opentelemetry/sdk-trace-node";
import type { BoundedExporter } from "./bounded-export.ts";

/**
 * Makes what records spans and hands them to `exporter` in batches. The SDK reads the sampler, the limits and the size of
 * the batches from `OTEL_TRACES_SAMPLER`, `OTEL_SPAN_…` and `OTEL_BSP_…`; beyond `OTEL_BSP_MAX_QUEUE_SIZE` it drops spans.
 */
export async function createTracerProvider(
  resource: Resource,
  exporter: BoundedExporter<ReadableSpan[]>,
): Promise<NodeTracerProvider> {
  const { BatchSpanProcessor, NodeTracerProvider } = await import("@opentelemetry/sdk-trace-node");
  return new NodeTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] });
}
