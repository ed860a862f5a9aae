import {
  type Attributes,
  type Context,
  context,
  propagation,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { tracer } from "../../health/instrumentation/scope.ts";
import { redactedAttributesIn, redactedIn } from "../../health/redaction/run-redaction.ts";

/** The trace that a run belongs to, as it can be sent to the thread that runs it. */
export interface TraceCarrier {
  readonly spanContext: Pick<SpanContext, "traceId" | "spanId" | "traceFlags">;
  /** Whether anybody wants the spans of what happens in the run. */
  readonly recording: boolean;
  /** The headers that a call to another service takes along, as this thread's propagator writes them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A span that ended in another thread. Times are milliseconds since the epoch, with a fraction. */
export interface SentSpan {
  /** Counts up, in the order in which the spans began. */
  readonly id: string;
  readonly parentId: string;
  readonly name: string;
  readonly kind: SpanKind | undefined;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  readonly status: SpanStatus;
  readonly events: readonly { readonly name: string; readonly at: number; readonly attributes: Attributes }[];
}

/** What became of a trace in another thread. */
export interface SentTrace {
  /** The spans that ended there. */
  readonly spans: readonly SentSpan[];
  /** What was said there of the span that was carried. */
  readonly attributes: Attributes;
}

/** What is to be sent of the active span; undefined when there is none. */
export function carryTrace(active: Context = context.active()): TraceCarrier | undefined {
  const span = trace.getSpan(active);
  if (span === undefined || !trace.isSpanContextValid(span.spanContext())) return undefined;
  const { traceId, spanId, traceFlags } = span.spanContext();
  const headers: Record<string, string> = {};
  propagation.inject(active, headers);
  return { spanContext: { traceId, spanId, traceFlags }, recording: span.isRecording(), headers };
}

/**
 * Records in this thread what another one sent of a trace: what was said of the span that was carried there, and the spans that
 * ended below it, under new ids of its own.
 * @param parent the context whose span was carried there
 */
export function recordSentTrace({ spans, attributes: ofParent }: SentTrace, parent: Context): void {
  trace.getSpan(parent)?.setAttributes(redactedAttributesIn(parent, ofParent));
  const parents = new Map<string, Context>();
  // A span begins after its parent does, and may end before it.
  for (const sent of spans.toSorted((one, other) => (one.id < other.id ? -1 : 1))) {
    const { name, kind, startedAt, endedAt, status, events } = sent;
    const attributes = redactedAttributesIn(parent, sent.attributes);
    const above = parents.get(sent.parentId) ?? parent;
    const span = tracer.startSpan(
      name,
      { startTime: startedAt, attributes, ...(kind !== undefined && { kind }) },
      above,
    );
    for (const event of events) span.addEvent(event.name, redactedAttributesIn(parent, event.attributes), event.at);
    const { code, message } = status;
    const shown = message === undefined ? { code } : { code, message: redactedIn(parent, message) };
    if (code !== SpanStatusCode.UNSET) span.setStatus(shown);
    parents.set(sent.id, trace.setSpan(above, span));
    span.end(endedAt);
  }
}
