import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type KeepingLimits,
  type KeepingRule,
  KeepingSpanProcessor,
} from "../../../src/telemetry/traces/keeping-span-processor.ts";
import { isRecorded } from "../../../src/telemetry/traces/recorded-trace.ts";

/** Spans that go through a processor, and the names of those that are kept. */
function keeping(rule: Partial<KeepingRule> = {}, limits?: KeepingLimits) {
  const exporter = new InMemorySpanExporter();
  const processor = new KeepingSpanProcessor(
    new SimpleSpanProcessor(exporter),
    { slowerThanMilliseconds: 500, ratio: 0, ...rule },
    limits,
  );
  const provider = new NodeTracerProvider({ spanProcessors: [processor] });
  const tracer = provider.getTracer("test");
  const kept = (): string[] => exporter.getFinishedSpans().map(({ name }) => name);
  return { tracer, provider, kept };
}

function root(tracer: Tracer, name: string, parent: Context = ROOT_CONTEXT): Span {
  return tracer.startSpan(name, {}, parent);
}

function child(tracer: Tracer, name: string, parent: Span): Span {
  return tracer.startSpan(name, {}, trace.setSpan(ROOT_CONTEXT, parent));
}

function fail(span: Span): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** The context of a caller in another process. */
function caller(traceId: string): Context {
  const spanContext = { traceId, spanId: "b7ad6b7169203331", traceFlags: TraceFlags.SAMPLED, isRemote: true };
  return trace.setSpanContext(ROOT_CONTEXT, spanContext);
}

const startTime = Date.UTC(2026, 2, 14, 15, 9, 26);

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "Date"] }));
afterEach(() => void vi.useRealTimers());

describe("a trace is kept, whole, when something in it", () => {
  it.each<readonly [string, (run: Span) => void]>([
    ["failed", (run) => run.setStatus({ code: SpanStatusCode.ERROR })],
    ["changed the state of a check", (run) => run.setAttribute("health.check.previous_state", "unhealthy")],
    ["took long", (run) => run.end(startTime + 501)],
  ])("%s", (_, happen) => {
    const { tracer, kept } = keeping();
    const run = tracer.startSpan("run", { startTime }, ROOT_CONTEXT);
    child(tracer, "connect", run).end();
    expect(kept()).toEqual([]);
    happen(run);
    if (run.isRecording()) run.end(startTime + 500);
    expect(kept()).toEqual(["connect", "run"]);
    expect(isRecorded(run.spanContext())).toBe(true);
  });

  it("did so in one of several runs that a request started", () => {
    const { tracer, kept } = keeping();
    const request = root(tracer, "request");
    const [before, failing, after] = ["before", "failing", "after"].map((name) => child(tracer, name, request));
    before?.end();
    fail(failing as Span);
    after?.end();
    request.end();
    expect(kept()).toEqual(["before", "failing", "after", "request"]);
    // When the first run had ended, nobody could know yet.
    expect([before, failing, after].map((span) => isRecorded((span as Span).spanContext()))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it("did so, with what ends after the root", () => {
    const { tracer, kept } = keeping();
    const run = root(tracer, "run");
    const late = child(tracer, "late", run);
    fail(run);
    late.end();
    child(tracer, "later", run).end();
    expect(kept()).toEqual(["run", "late", "later"]);
  });
});

describe("a trace in which nothing happened", () => {
  it("is let go, whole, and nobody is led to it", () => {
    const { tracer, kept } = keeping();
    const run = tracer.startSpan("run", { startTime }, ROOT_CONTEXT);
    const late = child(tracer, "late", run);
    child(tracer, "connect", run).end();
    run.end(startTime + 500);
    fail(late); // Its root is gone already.
    expect(kept()).toEqual([]);
    expect(isRecorded(run.spanContext())).toBe(false);
  });

  it("leads nobody astray when something fails in it once it is over: that is kept", () => {
    const { tracer, kept } = keeping();
    const run = root(tracer, "run");
    run.end();
    fail(child(tracer, "afterwards", run));
    expect(kept()).toEqual(["afterwards"]);
  });

  it("is kept as often as the ratio says, by its id, so that it is known at each end of a span", () => {
    const { tracer, kept } = keeping({ ratio: 0.2 });
    for (let index = 0; index < 2000; index += 1) {
      const request = root(tracer, "request");
      const run = child(tracer, "run", request);
      run.end();
      const known = isRecorded(run.spanContext());
      const before = kept().length;
      request.end();
      expect(kept().length > before).toBe(known);
    }
    expect(kept().length / 4000).toBeGreaterThan(0.15);
    expect(kept().length / 4000).toBeLessThan(0.25);
  });

  it("is kept always or never at the ends of the scale", () => {
    for (const [ratio, expected] of [
      [0, []],
      [1, ["lowest", "highest"]],
    ] as const) {
      const { tracer, kept } = keeping({ ratio });
      root(tracer, "lowest", caller("0af7651916cd43dd8448eb2100000000")).end();
      root(tracer, "highest", caller("0af7651916cd43dd8448eb21ffffffff")).end();
      expect(kept()).toEqual(expected);
    }
  });
});

describe("a caller's trace", () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";

  it("is decided on for each request that comes after the other", () => {
    const { tracer, kept } = keeping();
    const first = root(tracer, "first", caller(traceId));
    const forgotten = child(tracer, "forgotten", first);
    first.end();
    fail(root(tracer, "second", caller(traceId)));
    forgotten.end();
    expect(kept()).toEqual(["second", "forgotten"]);
  });

  it("is decided on for requests at the same time together", () => {
    const { tracer, kept } = keeping();
    const first = root(tracer, "first", caller(traceId));
    const second = root(tracer, "second", caller(traceId));
    first.end();
    fail(second);
    expect(kept()).toEqual(["first", "second"]);
  });
});

describe("the memory that it takes", () => {
  const limits = { traces: 2, spans: 3, ageMilliseconds: 1000 };

  it("is given back by traces that were let go", () => {
    const { tracer, kept } = keeping({}, limits);
    for (let index = 0; index < 10; index += 1) {
      const run = root(tracer, "run");
      child(tracer, "connect", run).end();
      run.end();
    }
    expect(kept()).toEqual([]);
  });

  it("is bounded by keeping the oldest trace of too many", () => {
    const { tracer, kept } = keeping({}, limits);
    const runs = ["1", "2", "3"].map((name) => root(tracer, name));
    for (const run of runs) run.end();
    expect(kept()).toEqual(["1"]);
  });

  it("is bounded by keeping the oldest trace when there are too many spans", () => {
    const { tracer, kept } = keeping({}, limits);
    const [old, young] = [root(tracer, "old"), root(tracer, "young")];
    child(tracer, "1", old).end();
    for (const name of ["2", "3", "4"]) child(tracer, name, young).end();
    expect(kept()).toEqual(["1"]);
    young.end();
    old.end();
    expect(kept()).toEqual(["1", "old"]);
  });

  it("is bounded by keeping what is too old, whose spans may never end", () => {
    const { tracer, kept } = keeping({ slowerThanMilliseconds: 10_000 }, limits);
    const old = root(tracer, "old");
    child(tracer, "1", old).end();
    vi.advanceTimersByTime(1001);
    root(tracer, "young").end();
    expect(kept()).toEqual(["1"]);
    old.end();
    expect(kept()).toEqual(["1", "old"]);
    expect(isRecorded(old.spanContext())).toBe(true);
  });
});

describe("a trace that was kept", () => {
  const traceId = "0af7651916cd43dd8448eb21ffffffff";

  /** Whether a request in which nothing happens is kept, after so many other traces that were. */
  function isKeptAfter(others: number, begin: (tracer: Tracer) => void): boolean {
    const { tracer, kept } = keeping({}, { traces: 10, spans: 10, ageMilliseconds: 1000 });
    begin(tracer);
    for (let index = 0; index < others; index += 1) fail(root(tracer, "other"));
    root(tracer, "again", caller(traceId)).end();
    return kept().includes("again");
  }

  it.each([
    ["ended", (tracer: Tracer) => fail(root(tracer, "first", caller(traceId)))],
    [
      "grew too old with spans that never ended",
      (tracer: Tracer) => {
        root(tracer, "first", caller(traceId));
        vi.advanceTimersByTime(1001);
        root(tracer, "next").end();
      },
    ],
  ])("and %s is remembered until a thousand others were", (_, begin) => {
    expect(isKeptAfter(999, begin)).toBe(true);
    expect(isKeptAfter(1000, begin)).toBe(false);
  });
});

it("hands a flush and the shutdown on", async () => {
  const { tracer, provider, kept } = keeping();
  fail(root(tracer, "run"));
  await provider.forceFlush();
  expect(kept()).toEqual(["run"]);
  await provider.shutdown();
  expect(kept()).toEqual([]); // That exporter forgets at its shutdown.
});

it("a trace is not kept for one address of a name that always fails, as long as another takes the connection", () => {
  const { provider, kept } = keeping();
  const ours = provider.getTracer("healthspan");
  const theirs = provider.getTracer("shop");
  for (const tracer of [ours, theirs]) {
    const run = root(tracer, "check shop");
    fail(child(tracer, "attempt", run));
    run.end();
  }
  expect(kept()).toEqual(["attempt", "check shop"]); // Those of another program.
});
