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
    clock.end({ message: "handshake failed", reason: "tls" });
    expect(clock.phase).toBeUndefined();
    span.end();
    expect(exporter.getFinishedSpans()[0]).toMatchObject({
      name: "tls",
      parentSpanContext: { spanId: span.spanContext().spanId },
      attributes: { "error.type": "tls" },
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

  it("ends the last phase of what is done during it, and says why when that failed", async () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });
    const late = Object.assign(new Error("timed out after 5s"), { name: "TimeoutError" });
    const closing = new Error("the monitor is closing");
    const unforeseen = new Error("user=root password=1234");
    const outcomes: readonly [AbortSignal, () => Promise<string>, string | undefined, string | undefined][] = [
      [new AbortController().signal, async () => "done", undefined, undefined],
      [new AbortController().signal, () => Promise.reject(refused), "connection refused", "connection_refused"],
      [new AbortController().signal, () => Promise.reject(unforeseen), "unknown error", "unknown"],
      [AbortSignal.abort(late), () => Promise.reject(late), "timed out after 5s", "timeout"],
      [AbortSignal.abort(closing), () => Promise.reject(closing), "the monitor is closing", "unknown"],
    ];
    for (const [signal, action, message, reason] of outcomes) {
      exporter.reset();
      const { clock, span } = trace.getTracer("test").startActiveSpan("run", (started) => {
        return { clock: new PhaseClock(), span: started };
      });
      clock.begin("connect");
      const settled = await clock.during(signal, action).catch((error: unknown) => error);
      expect(settled).toBe(await action().catch((error: unknown) => error));
      expect(clock.phase).toBeUndefined();
      span.end();
      const phase = exporter.getFinishedSpans().find(({ name }) => name === "connect");
      expect(phase?.status.message).toBe(message);
      expect(phase?.attributes["error.type"]).toBe(reason);
    }
  });
});
