import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";

/** What of a span a test looks at. */
export interface RecordedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly attributes: ReadableSpan["attributes"];
  readonly status: ReadableSpan["status"];
  readonly events: ReadableSpan["events"];
  readonly links: ReadableSpan["links"];
  readonly kind: ReadableSpan["kind"];
}

// One provider a test file: the API's tracers keep the first one they meet.
let exporter: InMemorySpanExporter | undefined;

/** Runs `action` with a tracer provider registered, and returns the spans that ended in it, in the order of their ends. */
export async function recordTelemetry(action: () => Promise<void>): Promise<{ readonly spans: RecordedSpan[] }> {
  if (exporter === undefined) {
    exporter = new InMemorySpanExporter();
    const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    provider.register({ propagator: new W3CTraceContextPropagator() });
  }
  exporter.reset();
  await action();
  return { spans: exporter.getFinishedSpans().map(recorded) };
}

function recorded(span: ReadableSpan): RecordedSpan {
  const { name, attributes, status, events, links, kind, parentSpanContext } = span;
  const { traceId, spanId } = span.spanContext();
  return { name, traceId, spanId, parentSpanId: parentSpanContext?.spanId, attributes, status, events, links, kind };
}
