import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  type Exception,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  type SpanStatus,
  SpanStatusCode,
  type TextMapPropagator,
  type TextMapSetter,
  type TimeInput,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { SentSpan, SentTrace, TraceCarrier } from "./sent-trace.ts";

/** More spans of one run are not sent. */
const maxSpans = 1000;

const carrierKey = createContextKey("the trace that was carried into this thread");

/** A carried trace and what has ended in it so far. */
interface Carried {
  readonly carrier: TraceCarrier;
  readonly ended: SentSpan[];
  /** Counts up with each span that begins. */
  begun: number;
}

/** Makes the API trace what {@link inCarriedTrace} runs. To be called once in a thread that has no telemetry of its own. */
export function traceThisThread(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new CarriedPropagator());
  trace.setGlobalTracerProvider({ getTracer: () => carriedTracer });
}

/**
 * Runs `action` as if the span that was carried here were the active one.
 * @returns what `action` does; every span that ended in it until then, and what it said of the span that was carried here
 */
export async function inCarriedTrace<Value>(
  carrier: TraceCarrier | undefined,
  action: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly trace: SentTrace | undefined }> {
  if (carrier === undefined) return { value: await action(), trace: undefined };
  const carried: Carried = { carrier, ended: [], begun: 0 };
  const span = new CarriedSpan(carried, carrier.spanContext);
  const value = await context.with(trace.setSpan(ROOT_CONTEXT.setValue(carrierKey, carried), span), action);
  return { value, trace: { spans: [...carried.ended], attributes: span.attributes } };
}

function carriedIn(active: Context): Carried | undefined {
  return active.getValue(carrierKey) as Carried | undefined; // Nobody else has the key.
}

/** Writes what the main thread's propagator would. */
class CarriedPropagator implements TextMapPropagator {
  inject<Carrier>(active: Context, target: Carrier, setter: TextMapSetter<Carrier>): void {
    const headers = Object.entries(carriedIn(active)?.carrier.headers ?? {});
    for (const [name, value] of headers) setter.set(target, name, value);
  }

  extract(active: Context): Context {
    return active;
  }

  fields(): string[] {
    return [];
  }
}

const carriedTracer: Tracer = {
  startSpan(name: string, options: SpanOptions = {}, parent: Context = context.active()): Span {
    const carried = options.root === true ? undefined : carriedIn(parent);
    const above = trace.getSpanContext(parent);
    if (carried === undefined || above === undefined) return trace.wrapSpanContext(noSpan);
    carried.begun += 1;
    const spanContext = { ...above, spanId: carried.begun.toString(16).padStart(16, "0") };
    return new CarriedSpan(carried, spanContext, { name, options, parentId: above.spanId });
  },

  startActiveSpan<Action extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<Action> {
    const action = rest.at(-1) as Action; // As each overload of the API has it.
    const [options, parent = context.active()] = rest.slice(0, -1) as [SpanOptions?, Context?];
    const span = carriedTracer.startSpan(name, options, parent);
    return context.with(trace.setSpan(parent, span), () => action(span)) as ReturnType<Action>;
  },
};

const noSpan: SpanContext = { traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 };

/** What {@link CarriedSpan} needs to know about a span that begins here. */
interface Beginning {
  readonly name: string;
  readonly options: SpanOptions;
  readonly parentId: string;
}

/** A span whose description is sent when it ends; without a beginning, the one that was carried here. */
class CarriedSpan implements Span {
  readonly #carried: Carried;
  readonly #spanContext: SpanContext;
  readonly #beginning: Beginning | undefined;
  readonly #startedAt: number;
  readonly #attributes: Attributes;
  readonly #events: SentSpan["events"][number][] = [];
  #name: string;
  #status: SpanStatus = { code: SpanStatusCode.UNSET };
  #open: boolean;

  constructor(carried: Carried, spanContext: SpanContext, beginning?: Beginning) {
    this.#carried = carried;
    this.#spanContext = spanContext;
    this.#beginning = beginning;
    this.#startedAt = momentOf(beginning?.options.startTime);
    this.#attributes = { ...beginning?.options.attributes };
    this.#name = beginning?.name ?? "";
    this.#open = carried.carrier.recording;
  }

  /** Those that can be sent. */
  get attributes(): Attributes {
    return sendable(this.#attributes);
  }

  spanContext(): SpanContext {
    return this.#spanContext;
  }

  isRecording(): boolean {
    return this.#open;
  }

  setAttribute(name: string, value: Attributes[string]): this {
    this.#attributes[name] = value;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    Object.assign(this.#attributes, attributes);
    return this;
  }

  addEvent(name: string, attributes?: Attributes | TimeInput, at?: TimeInput): this {
    const isTime = typeof attributes === "number" || Array.isArray(attributes) || attributes instanceof Date;
    const moment = momentOf(isTime ? (attributes as TimeInput) : at);
    this.#events.push({ name, at: moment, attributes: isTime ? {} : sendable(attributes as Attributes) });
    return this;
  }

  /** Links lead to spans of other traces, of which a check's thread knows none. */
  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  setStatus(status: SpanStatus): this {
    const { code, message } = status;
    this.#status = typeof message === "string" ? { code, message } : { code };
    return this;
  }

  updateName(name: string): this {
    this.#name = name;
    return this;
  }

  recordException(exception: Exception, at?: TimeInput): void {
    const { name, message, stack } = typeof exception === "string" ? new Error(exception) : exception;
    const attributes = { "exception.type": name, "exception.message": message, "exception.stacktrace": stack };
    this.addEvent("exception", attributes, at);
  }

  end(at?: TimeInput): void {
    const beginning = this.#beginning;
    if (!this.#open || beginning === undefined || this.#carried.ended.length >= maxSpans) return;
    this.#open = false;
    this.#carried.ended.push({
      id: this.#spanContext.spanId,
      parentId: beginning.parentId,
      name: this.#name,
      kind: beginning.options.kind,
      startedAt: this.#startedAt,
      endedAt: momentOf(at),
      attributes: this.attributes,
      status: this.#status,
      events: this.#events,
    });
  }
}

/** The attributes that can be sent. What is not a valid value may be something that cannot leave the thread. */
function sendable(attributes: Attributes | undefined): Attributes {
  const isPlain = (value: unknown): boolean => value === null || ["string", "number", "boolean"].includes(typeof value);
  const isValue = (value: unknown): boolean => isPlain(value) || (Array.isArray(value) && value.every(isPlain));
  return Object.fromEntries(Object.entries(attributes ?? {}).filter(([, value]) => isValue(value)));
}

/** In milliseconds since the epoch. A small number is one on the monotonic clock, as in the SDK. */
function momentOf(time: TimeInput | undefined): number {
  if (time === undefined) return performance.timeOrigin + performance.now();
  if (time instanceof Date) return time.getTime();
  if (Array.isArray(time)) return time[0] * 1000 + time[1] / 1e6;
  return time < performance.timeOrigin ? performance.timeOrigin + time : time;
}
