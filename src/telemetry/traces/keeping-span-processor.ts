import { SpanStatusCode } from "@opentelemetry/api";
import { hrTimeToMilliseconds } from "@opentelemetry/core";
import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace-node";
import { scope } from "../../health/instrumentation/scope.ts";
import { attributeNames } from "../names.ts";
import { markDropped } from "./recorded-trace.ts";

/** Which traces are worth keeping. Those with a failure or a change of state always are. */
export interface KeepingRule {
  /** What took longer is kept. */
  readonly slowerThanMilliseconds: number;
  /** The share of the rest that is kept, from 0 to 1. */
  readonly ratio: number;
}

/** How much is held of traces that are still undecided. Beyond it, the oldest one is kept without waiting for its end. */
export interface KeepingLimits {
  readonly traces: number;
  /** Spans that have ended, of all these traces together. */
  readonly spans: number;
  /** How long a trace is waited for. */
  readonly ageMilliseconds: number;
}

const defaultLimits: KeepingLimits = { traces: 10_000, spans: 10_000, ageMilliseconds: 120_000 };

/** How many kept traces are remembered after their end, so that late spans are kept as well. */
const rememberedTraces = 1000;

/** The part of a trace that takes place in this process. */
interface LocalTrace {
  readonly id: string;
  startedMonotonic: number;
  /** Undefined while nothing in it was worth keeping, and something may still be. */
  kept: boolean | undefined;
  /** Spans that have begun and not ended. */
  open: number;
  /** Of those, the ones whose parent is not in this process. */
  openRoots: number;
  /** Spans that have ended while it was undecided. */
  ended: ReadableSpan[];
}

/**
 * Hands on only the traces that are worth keeping, each of them whole. A trace is kept from the moment at which a span in it
 * ends that failed, took long or changed the state of a check; the others are let go when their root ends, but for a share
 * that their id decides, so that it is known from the start. A span that has not been kept at its end is marked as dropped,
 * so that nothing links to it.
 */
export class KeepingSpanProcessor implements SpanProcessor {
  readonly #inner: SpanProcessor;
  readonly #rule: KeepingRule;
  readonly #limits: KeepingLimits;
  readonly #traces = new Map<string, LocalTrace>();
  /** The oldest first. */
  readonly #undecided = new Set<LocalTrace>();
  readonly #kept = new Set<string>();
  #heldSpans = 0;

  /** @param inner takes the spans that are kept */
  constructor(inner: SpanProcessor, rule: KeepingRule, limits: KeepingLimits = defaultLimits) {
    this.#inner = inner;
    this.#rule = rule;
    this.#limits = limits;
  }

  onStart(span: Span, parentContext: Parameters<SpanProcessor["onStart"]>[1]): void {
    this.#inner.onStart(span, parentContext);
    const { traceId } = span.spanContext();
    const trace = this.#traces.get(traceId) ?? this.#begin(traceId);
    trace.open += 1;
    if (!isLocalRoot(span)) return;
    trace.openRoots += 1;
    // A caller asks again within its trace, of which something is still open here.
    if (trace.kept === false) this.#wait(trace);
  }

  onEnd(span: ReadableSpan): void {
    const spanContext = span.spanContext();
    const trace = this.#traces.get(spanContext.traceId);
    // It was given up for its age, and with it what is still open of it.
    if (trace === undefined) {
      this.#inner.onEnd(span);
      return;
    }
    if (trace.kept === undefined && this.#isWorthKeeping(span)) this.#keep(trace);
    trace.open -= 1;
    if (isLocalRoot(span)) trace.openRoots -= 1;
    if (trace.kept === true) this.#inner.onEnd(span);
    else {
      markDropped(spanContext);
      if (trace.openRoots <= 0) this.#letGo(trace);
      else this.#hold(trace, span);
    }
    if (trace.open <= 0) this.#close(trace);
  }

  forceFlush(): Promise<void> {
    return this.#inner.forceFlush();
  }

  shutdown(): Promise<void> {
    this.#traces.clear();
    this.#undecided.clear();
    this.#heldSpans = 0;
    return this.#inner.shutdown();
  }

  #begin(id: string): LocalTrace {
    const kept = this.#kept.has(id) || shareOf(id) < this.#rule.ratio;
    const trace: LocalTrace = { id, startedMonotonic: 0, kept, open: 0, openRoots: 0, ended: [] };
    this.#traces.set(id, trace);
    if (!kept) this.#wait(trace);
    return trace;
  }

  #wait(trace: LocalTrace): void {
    trace.startedMonotonic = performance.now();
    trace.kept = undefined;
    this.#undecided.add(trace);
    this.#makeRoom(trace.startedMonotonic);
  }

  #hold(trace: LocalTrace, span: ReadableSpan): void {
    trace.ended.push(span);
    this.#heldSpans += 1;
    this.#makeRoom(performance.now());
  }

  /** Keeps the oldest traces as long as too much is held. To let them go instead might lose one that fails later. */
  #makeRoom(now: number): void {
    const { traces, spans, ageMilliseconds } = this.#limits;
    for (const oldest of this.#undecided) {
      const isTooOld = now - oldest.startedMonotonic > ageMilliseconds;
      if (!isTooOld && this.#undecided.size <= traces && this.#heldSpans <= spans) return;
      this.#keep(oldest);
      // Some of its spans may never end.
      if (isTooOld) this.#close(oldest);
    }
  }

  #keep(trace: LocalTrace): void {
    trace.kept = true;
    for (const span of this.#release(trace)) this.#inner.onEnd(span);
  }

  #letGo(trace: LocalTrace): void {
    trace.kept = false;
    this.#release(trace);
  }

  #release(trace: LocalTrace): readonly ReadableSpan[] {
    const { ended } = trace;
    trace.ended = [];
    this.#heldSpans -= ended.length;
    this.#undecided.delete(trace);
    return ended;
  }

  #close(trace: LocalTrace): void {
    this.#traces.delete(trace.id);
    if (trace.kept !== true || shareOf(trace.id) < this.#rule.ratio) return;
    this.#kept.add(trace.id);
    if (this.#kept.size <= rememberedTraces) return;
    const [oldest] = this.#kept;
    if (oldest !== undefined) this.#kept.delete(oldest);
  }

  #isWorthKeeping({ name, instrumentationScope, status, attributes, duration }: ReadableSpan): boolean {
    // One address of a name may always fail: only if all do, the phase above has failed.
    if (name === attemptName && instrumentationScope.name === scope.name) return false;
    if (status.code === SpanStatusCode.ERROR || attributes[attributeNames.checkPreviousState] !== undefined)
      return true;
    return hrTimeToMilliseconds(duration) > this.#rule.slowerThanMilliseconds;
  }
}

/** As `net/phase.ts` calls a try to connect to one of several addresses. */
const attemptName = "attempt";

/** Nothing in this process is above it. */
function isLocalRoot({ parentSpanContext }: Pick<ReadableSpan, "parentSpanContext">): boolean {
  return parentSpanContext === undefined || parentSpanContext.isRemote === true;
}

/** A number from 0 to 1 that depends on the trace's id alone, whose last digits are random (W3C Trace Context, 3.2.2.3). */
function shareOf(traceId: string): number {
  return Number.parseInt(traceId.slice(-8), 16) / 2 ** 32;
}
