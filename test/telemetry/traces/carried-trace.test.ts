import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { inCarriedTrace, traceThisThread } from "../../../src/telemetry/traces/carried-trace.ts";
import type { SentSpan, TraceCarrier } from "../../../src/telemetry/traces/sent-trace.ts";

const carrier: TraceCarrier = {
  spanContext: { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 },
  recording: true,
  headers: { traceparent: "00-x", baggage: "a=b" },
};

beforeAll(traceThisThread);
afterAll(() => {
  trace.disable();
  context.disable();
  propagation.disable();
});

const tracer = () => trace.getTracer("a library");

/** What is sent of what `action` does with the spans of a library. */
async function sent(action: () => void, carried: TraceCarrier | undefined = carrier): Promise<readonly SentSpan[]> {
  return (await inCarriedTrace(carried, async () => action())).trace?.spans ?? [];
}

/** What is sent of one span. */
async function sentOf(action: (span: Span) => void, options = {}): Promise<SentSpan | undefined> {
  const spans = await sent(() => {
    const span = tracer().startSpan("query", options);
    action(span);
    span.end();
  });
  expect(spans).toHaveLength(1);
  return spans[0];
}

describe("the spans of a run in a thread", () => {
  it("are sent in the order of their ends, each below its own parent", async () => {
    const spans = await sent(() => {
      tracer().startActiveSpan("outer", { kind: SpanKind.CLIENT }, (outer) => {
        tracer().startActiveSpan("inner", (inner) => inner.end());
        outer.end();
      });
      tracer().startSpan("later").end();
    });
    expect(spans.map(({ name, id, parentId, kind }) => [name, Number(id), Number(parentId), kind])).toEqual([
      ["inner", 2, 1, undefined],
      ["outer", 1, 2_222_222_222_222_222, SpanKind.CLIENT],
      ["later", 3, 2_222_222_222_222_222, undefined],
    ]);
  });

  it("are sent as they are at their first end", async () => {
    const span = await sentOf((one) => {
      one.setAttribute("a", 1).setAttributes({ b: [1, "2", true, null] as string[], a: 2 });
      one.updateName("other").setStatus({ code: SpanStatusCode.ERROR, message: "gone" });
      one.end(4_000_000_000_000);
      expect(one.isRecording()).toBe(false);
      one.end(4_000_000_009_000);
    });
    expect(span).toMatchObject({
      name: "other",
      attributes: { a: 2, b: [1, "2", true, null] },
      status: { code: SpanStatusCode.ERROR, message: "gone" },
      endedAt: 4_000_000_000_000,
    });
  });

  it("have what they began with, and no status, unless something else is said", async () => {
    const attributes = { rows: 3 };
    const span = await sentOf((one) => void one.addLink({ context: carrier.spanContext }).addLinks([]), { attributes });
    expect(span).toMatchObject({ name: "query", attributes, status: { code: SpanStatusCode.UNSET }, events: [] });
    const status = { code: SpanStatusCode.OK, message: 7 as unknown as string };
    expect((await sentOf((one) => void one.setStatus(status)))?.status).toEqual({ code: SpanStatusCode.OK });
  });

  it("are a thousand at most", async () => {
    const spans = await sent(() => {
      for (let index = 0; index < 1005; index += 1) tracer().startSpan(`${index}`).end();
    });
    expect(spans).toHaveLength(1000);
    expect(spans.at(-1)?.name).toBe("999");
  });

  it("bring nothing along that cannot leave the thread", async () => {
    const odd = { function: () => {}, object: {}, symbols: ["a", Symbol("a")], text: "kept" } as never;
    const span = await sentOf((one) => void one.setAttributes(odd).addEvent("event", odd));
    expect(span).toMatchObject({ attributes: { text: "kept" }, events: [{ attributes: { text: "kept" } }] });
    structuredClone(span);
  });

  it("are none where nobody wants them, where there is no trace, and outside of it", async () => {
    const begin = () => void tracer().startSpan("query").end();
    expect(await sent(begin, { ...carrier, recording: false })).toEqual([]);
    expect(await sent(() => expect(tracer().startSpan("query").isRecording()).toBe(true))).toEqual([]);
    expect((await inCarriedTrace(undefined, async () => 7)).value).toBe(7);
    expect(await sent(() => void tracer().startSpan("apart", { root: true }).end())).toEqual([]);
    expect(tracer().startSpan("outside").isRecording()).toBe(false);
  });
});

describe("a moment of a span in a thread", () => {
  const now = performance.timeOrigin + 5000;

  it.each([
    ["a number since the epoch", 4_000_000_000_123.5, 4_000_000_000_123.5],
    ["a date", new Date(4_000_000_000_123), 4_000_000_000_123],
    ["seconds and nanoseconds", [4_000_000_000, 123_457_000], 4_000_000_000_123.457],
    ["a number on the monotonic clock", 1234, performance.timeOrigin + 1234],
    ["nothing: now", undefined, now],
  ] as const)("can be %s", async (_, time, moment) => {
    vi.spyOn(performance, "now").mockReturnValue(5000);
    const given = time as Date | undefined;
    const spans = await sent(() => {
      const span = tracer().startSpan("query", given === undefined ? {} : { startTime: given });
      span.addEvent("with attributes", { a: 1 }, given);
      if (given === undefined) span.addEvent("without");
      else span.addEvent("without", given);
      span.recordException(new TypeError("odd"), given);
      span.end(given);
    });
    const [{ startedAt, endedAt, events } = { startedAt: 0, endedAt: 0, events: [] }] = spans;
    for (const found of [startedAt, endedAt, ...events.map(({ at }) => at)]) expect(found).toBeCloseTo(moment, 3);
    expect(events).toMatchObject([
      { name: "with attributes", attributes: { a: 1 } },
      { name: "without", attributes: {} },
      { name: "exception", attributes: { "exception.type": "TypeError", "exception.message": "odd" } },
    ]);
  });
});

it("an exception that is a text has a stack", async () => {
  const span = await sentOf((one) => one.recordException("odd"));
  const { attributes } = span?.events[0] ?? {};
  expect(attributes).toMatchObject({ "exception.type": "Error", "exception.message": "odd" });
  expect(attributes?.["exception.stacktrace"]).toContain("carried-trace");
});

it("what a call to another service takes along is what the main thread's propagator wrote", async () => {
  const headersIn = async (carried: TraceCarrier | undefined) => {
    const headers = {};
    await inCarriedTrace(carried, async () => propagation.inject(context.active(), headers));
    return headers;
  };
  expect(await headersIn(carrier)).toEqual(carrier.headers);
  expect(await headersIn(undefined)).toEqual({});
  expect(propagation.fields()).toEqual([]);
  expect(propagation.extract(context.active(), carrier.headers)).toBe(context.active());
});
