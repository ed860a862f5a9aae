import { type Context, context, type SpanContext, trace } from "@opentelemetry/api";
import { type Reason, ServiceUnavailable } from "../health/errors.ts";
import { failureOf, type RunFailure } from "../health/failure.ts";
import type { HealthCheck } from "../health/health-check.ts";
import { beginMeasuring } from "../health/measure.ts";
import type { Transition } from "../health/report.ts";
import type { Result } from "../health/result.ts";
import { endRunSpan, startRunSpan } from "../telemetry/traces/run-span.ts";
import { type Executor, mainThread } from "./executor.ts";

/** Who is told what becomes of a run. */
export interface RunListener {
  /**
   * Exactly once, just before `settled`, while the span is still open: so that it can tell what the run changed.
   * @returns the change of the check's state, if it is one
   */
  judged?(result: Result): Transition | undefined;
  /** Exactly once: the run has a result, and its span has ended. At the latest at the check's time-out. */
  settled(result: Result, unexpected: unknown): void;
  /** Exactly once, after `settled`: the check's own code has returned, however late. */
  released(): void;
}

/** Under which conditions a run takes place. */
export interface RunConditions {
  /**
   * For how long this process was blocked since a moment on the monotonic clock, in milliseconds. A run that failed while it
   * was may have failed by that: it has found nothing, and its result is `unknown`.
   */
  readonly blockedSince?: (startedMonotonic: number) => number;
  /** Where the check's code runs. Default: here. */
  readonly executor?: Executor;
}

/** Event loops are late by less all the time. */
const noticeableMilliseconds = 20;

/** What a block brings about: our own time-out, a server that gave us up, an answer that seems to have been slow. */
const reasonsOfTime: ReadonlySet<Reason> = new Set<Reason>(["timeout", "connection_reset", "threshold"]);

/** A run under way. */
export interface Run {
  readonly spanContext: SpanContext;
  /** Ends the run without a verdict: its result is `unknown`. */
  abort(): void;
}

/** What the signal of a run gives as its reason when the check took too long. */
export class RunTimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/**
 * Runs a check once, inside a span that is active while it runs. The listener hears of the result at the time-out at the
 * latest, whether or not the check heeds its signal; it may be told before this function returns.
 * @param parent the context whose span becomes the parent; the root context for a scheduled run
 */
export function startRun(
  check: HealthCheck,
  parent: Context,
  listener: RunListener,
  { blockedSince = () => 0, executor = mainThread }: RunConditions = {},
): Run {
  const startedAt = Date.now();
  const startedMonotonic = performance.now();
  const span = startRunSpan(check, parent);
  const spanContext = span.spanContext();
  const controller = new AbortController();
  let open = true;
  const measured = beginMeasuring(check);

  function settle(found: Result["state"], foundFailure: Result["failure"], unexpected?: unknown): void {
    open = false;
    clearTimeout(timer);
    const milliseconds = performance.now() - startedMonotonic;
    const blocked = Math.max(milliseconds - check.timeout.milliseconds, blockedSince(startedMonotonic));
    const inconclusive =
      found !== "unknown" &&
      (foundFailure === undefined ? isOld(blocked, check) : canBeOurDoing(foundFailure, blocked, check));
    const state = inconclusive ? "unknown" : found;
    const failure = inconclusive ? undefined : foundFailure;
    const result: Result = {
      check,
      state,
      inconclusive,
      failure,
      startedAt,
      durationSeconds: milliseconds / 1000,
      measures: measured(),
      spanContext,
    };
    endRunSpan(span, result, listener.judged?.(result), unexpected);
    listener.settled(result, unexpected);
  }
  function returned(): void {
    if (open) settle("healthy", undefined);
    listener.released();
  }
  function threw(error: unknown): void {
    if (open) {
      const failure = failureOf(error, check.redact);
      settle(failure.state, failure, failure.expected ? undefined : error);
    }
    listener.released();
  }

  function timeOut(): void {
    if (!open) return;
    const error = new ServiceUnavailable(`timed out after ${check.timeout}`, { reason: "timeout" });
    const failure = failureOf(error, check.redact);
    controller.abort(new RunTimeoutError(error.message)); // First: the span can still be told how far the check was.
    settle(failure.state, failure);
  }

  const timer = setTimeout(() => {
    // After a block, timers come before what has arrived meanwhile: the answer may be there already.
    if (performance.now() - startedMonotonic > check.timeout.milliseconds + noticeableMilliseconds)
      setImmediate(timeOut);
    else timeOut();
  }, check.timeout.milliseconds);
  try {
    const running = context.with(trace.setSpan(parent, span), callRun, undefined, executor, check, controller.signal);
    if (running instanceof Promise) running.then(returned, threw);
    else returned();
  } catch (error) {
    threw(error);
  }
  return {
    spanContext,
    abort() {
      if (!open) return;
      controller.abort(new Error("the monitor is closing"));
      settle("unknown", undefined);
    },
  };
}

/** Whether an answer came while this process was blocked for so long that it is none of the present. */
function isOld(blockedMilliseconds: number, { interval, timeout }: HealthCheck): boolean {
  return blockedMilliseconds > (interval ?? timeout).milliseconds;
}

/** Whether a run may have failed because this process was blocked for so long meanwhile. */
function canBeOurDoing({ reason }: RunFailure, blockedMilliseconds: number, { timeout }: HealthCheck): boolean {
  const tolerated = reasonsOfTime.has(reason)
    ? Math.min(100, Math.max(50, timeout.milliseconds / 10))
    : timeout.milliseconds / 2;
  return blockedMilliseconds > tolerated;
}

function callRun(executor: Executor, check: HealthCheck, signal: AbortSignal): Promise<void> | void {
  return executor.run(check, signal);
}
