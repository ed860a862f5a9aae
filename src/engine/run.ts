import { type Context, context, type Span, type SpanContext, trace } from "@opentelemetry/api";
import { ServiceUnavailable } from "../health/errors.ts";
import { failureOf, type RunFailure } from "../health/failure.ts";
import type { HealthCheck } from "../health/health-check.ts";
import { beginMeasuring } from "../health/measure.ts";
import type { Transition } from "../health/report.ts";
import type { Result } from "../health/result.ts";
import { endRunSpan, startRunSpan } from "../telemetry/traces/run-span.ts";
import { setDeadline } from "./deadline.ts";
import { type Executor, mainThread } from "./executor.ts";
import { isInconclusive } from "./inconclusive.ts";

/** Who is told what becomes of a run. */
export interface RunListener {
  /**
   * Exactly once, just before `settled`, while the span is still open: so that it can tell what the run changed.
   * @param monotonicAt when the run ended, on the monotonic clock
   * @returns the change of the check's state, if it is one
   */
  judged?(result: Result, monotonicAt: number): Transition | undefined;
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
  conditions: RunConditions = noConditions,
): Run {
  const run = new UnderwayRun(check, parent, listener, conditions);
  run.begin(parent);
  return run;
}

const noConditions: RunConditions = {};
const neverBlocked = (): number => 0;

class UnderwayRun implements Run {
  readonly spanContext: SpanContext;
  readonly #check: HealthCheck;
  readonly #listener: RunListener;
  readonly #conditions: RunConditions;
  readonly #span: Span;
  readonly #controller = new AbortController();
  readonly #startedAt = Date.now();
  readonly #startedMonotonic = performance.now();
  readonly #deadline: NodeJS.Timeout;
  readonly #measured: ReturnType<typeof beginMeasuring>;
  /** Whether it has no result yet. */
  #open = true;

  constructor(check: HealthCheck, parent: Context, listener: RunListener, conditions: RunConditions) {
    this.#check = check;
    this.#listener = listener;
    this.#conditions = conditions;
    this.#span = startRunSpan(check, parent);
    this.spanContext = this.#span.spanContext();
    this.#measured = beginMeasuring(check);
    this.#deadline = setDeadline(this.#startedMonotonic, check.timeout.milliseconds, () => this.#timeOut());
  }

  begin(parent: Context): void {
    const { executor = mainThread } = this.#conditions;
    const active = trace.setSpan(parent, this.#span);
    try {
      const running = context.with(active, callRun, undefined, executor, this.#check, this.#controller.signal);
      if (running instanceof Promise) {
        running.then(
          () => this.#returned(),
          (error: unknown) => this.#threw(error),
        );
      } else this.#returned();
    } catch (error) {
      this.#threw(error);
    }
  }

  abort(): void {
    if (!this.#open) return;
    this.#controller.abort(new Error("the monitor is closing"));
    this.#settle("unknown", undefined);
  }

  #returned(): void {
    if (this.#open) this.#settle("healthy", undefined);
    this.#listener.released();
  }

  #threw(error: unknown): void {
    if (this.#open) {
      const failure = failureOf(error, this.#check.redact);
      this.#settle(failure.state, failure, failure.expected ? undefined : error);
    }
    this.#listener.released();
  }

  #timeOut(): void {
    if (!this.#open) return;
    const error = new ServiceUnavailable(`timed out after ${this.#check.timeout}`, { reason: "timeout" });
    const failure = failureOf(error, this.#check.redact);
    this.#controller.abort(new RunTimeoutError(error.message)); // First: the span can still be told how far the check was.
    this.#settle(failure.state, failure);
  }

  #settle(found: Result["state"], foundFailure: RunFailure | undefined, unexpected?: unknown): void {
    this.#open = false;
    clearTimeout(this.#deadline);
    const { blockedSince = neverBlocked } = this.#conditions;
    const endedMonotonic = performance.now();
    const milliseconds = endedMonotonic - this.#startedMonotonic;
    const blocked = Math.max(milliseconds - this.#check.timeout.milliseconds, blockedSince(this.#startedMonotonic));
    const inconclusive = found !== "unknown" && isInconclusive(foundFailure, blocked, this.#check);
    const result: Result = {
      check: this.#check,
      state: inconclusive ? "unknown" : found,
      inconclusive,
      failure: inconclusive ? undefined : foundFailure,
      startedAt: this.#startedAt,
      durationSeconds: milliseconds / 1000,
      measures: this.#measured(),
      spanContext: this.spanContext,
    };
    endRunSpan(this.#span, result, this.#listener.judged?.(result, endedMonotonic), unexpected);
    this.#listener.settled(result, unexpected);
  }
}

function callRun(executor: Executor, check: HealthCheck, signal: AbortSignal): Promise<void> | void {
  return executor.run(check, signal);
}
