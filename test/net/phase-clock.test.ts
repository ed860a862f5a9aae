import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { PhaseClock } from "../../src/net/phase-clock.ts";

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

beforeAll(() => provider.register());
beforeEach(() => exporter.reset());
afterAll(() => provider.shutdown());

function inRun<Value>(action: () => Value): Value {
  return trace.getTracer("test").startActiveSpan("run", (span) => {
    try {
      return action();
    } finally {
      span.end();
    }
  });
}

describe("PhaseClock", () => {
  it("records phases one after the other, without a gap and with true times", () => {
    const monotonic = vi.spyOn(performance, "now").mockReturnValue(1000);
    vi.spyOn(Date, "now").mockReturnValue(1_800_000_000_000);
    inRun(() => {
      const clock = new PhaseClock();
      monotonic.mockReturnValue(1000.25);
      clock.begin("connect");
      monotonic.mockReturnValue(1005.5);
      clock.begin("first byte");
      monotonic.mockReturnValue(1015.75);
      clock.end();
      clock.end();
    });
    const run = exporter.getFinishedSpans().at(-1);
    expect(exporter.getFinishedSpans()).toMatchObject([
      { name: "connect", startTime: [1_800_000_000, 250_000], endTime: [1_800_000_000, 5_500_000] },
      { name: "first byte", startTime: [1_800_000_000, 5_500_000], endTime: [1_800_000_000, 15_750_000] },
      { name: "run", startTime: [1_800_000_000, 0] },
    ]);
    for (const phase of exporter.getFinishedSpans().slice(0, 2)) {
      expect(phase.parentSpanContext?.spanId).toBe(run?.spanContext().spanId);
    }
  });

  it("belongs to its run, whoever calls it", () => {
    const { clock, span } = trace.getTracer("test").startActiveSpan("run", (started) => {
      return { clock: new PhaseClock(), span: started };
    });
    clock.begin("tls");
    expect(clock.phase).toBe("tls");
    clock.end("handshake failed");
    expect(clock.phase).toBeUndefined();
    span.end();
    expect(exporter.getFinishedSpans()[0]).toMatchObject({
      name: "tls",
      parentSpanContext: { spanId: span.spanContext().spanId },
      status: { code: SpanStatusCode.ERROR, message: "handshake failed" },
    });
  });

  it("records nothing outside a run, and nothing of a run that has ended", () => {
    const clock = new PhaseClock();
    clock.begin("connect");
    clock.end();
    const late = inRun(() => new PhaseClock());
    late.begin("connect");
    late.end();
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(["run"]);
    expect(trace.getSpan(context.active())).toBeUndefined();
  });
});
