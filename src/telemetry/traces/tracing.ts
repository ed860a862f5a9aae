import type { Resource } from "@opentelemetry/resources";
import type { NodeTracerProvider, ReadableSpan } from "@opentelemetry/sdk-trace-node";
import type { BoundedExporter } from "../push/bounded-export.ts";
import { type KeepingRule, KeepingSpanProcessor } from "./keeping-span-processor.ts";

/**
 * Makes what records spans and hands them to `exporter` in batches. The SDK reads the sampler, the limits and the size of
 * the batches from `OTEL_TRACES_SAMPLER`, `OTEL_SPAN_…` and `OTEL_BSP_…`; beyond `OTEL_BSP_MAX_QUEUE_SIZE` it drops spans.
 * @param rule which of the sampled traces are kept; without one, all
 */
export async function createTracerProvider(
  resource: Resource,
  exporter: BoundedExporter<ReadableSpan[]>,
  rule: KeepingRule | undefined,
): Promise<NodeTracerProvider> {
  const { BatchSpanProcessor, NodeTracerProvider } = await import("@opentelemetry/sdk-trace-node");
  const batches = new BatchSpanProcessor(exporter);
  return new NodeTracerProvider({
    resource,
    spanProcessors: [rule === undefined ? batches : new KeepingSpanProcessor(batches, rule)],
  });
}
