import { type Context, context, type Span, type SpanContext, trace } from "@opentelemetry/api";
import { ServiceUnavailable } from "../health/errors.ts";
import { failureOf, ownFailure, type RunFailure } from "../health/failure.ts";
import type { HealthCheck } from "../health/health-check.ts";
import { beginMeasuring } from "../health/measure.ts";
import { withSecretsOf } from "../health/redaction/run-redaction.ts";
import type { Transition } from "../health/report.ts";
import type { Result } from "../health/result.ts";
import { isThenable } from "../health/thenable.ts";
import { parentOfRun } from "../telemetry/traces/parent-of-run.ts";
import { endRunSpan, startBareRunSpan, startRunSpan } from "../telemetry/traces/run-span.ts";
import { setDeadline } from "./deadline.ts";
import { type Executor, mainThread } from "./executor.ts";
import { isInconclusive } from "./inconclusive.ts";

/** Gets the result of a run. */
export interface RunListener {
  /**
   * Called exactly once, just before `settled`, while the span is still open, so that it can say what the run changed.
   * @param monotonicAt when the run ended, on the monotonic clock
   * @returns the change of the check's state, if it is one
   */
  judged?(result: Result, monotonicAt: number): Transition | undefined;
  /** Called exactly once, at the check's time-out at the latest: the run has a result, and its span has ended. */
  settled(result: Result, unexpected: unknown): void;
  /** Called exactly once, after `settled`, when the check's own code has returned, however late. */
  released(): void;
}

/** The conditions under which a run takes place. */
export interface RunConditions {
  /**
   * For how long this process was blocked since a moment on the monotonic clock, in milliseconds. A run that failed meanwhile
   * may have failed because of that: then it has found nothing, and its result is `unknown`.
   */
  readonly blockedSince?: (startedMonotonic: number) => number;
  /** Where the check's code runs. Default: in this thread. */
  readonly executor?: Executor;
  /**
   * Whether a failure of a run that began at this moment of the monotonic clock is inconclusive, because this process has been cut
   * off from others since then. Default: never.
   */
  readonly wasAloneSince?: ((startedMonotonic: number) => boolean) | undefined;
}

/** A run under way. */
export interface Run {
  readonly spanContext: SpanContext;
  /** Ends the run without a verdict: its result is `unknown`. */
  abort(): void;
}

/** The reason of a run's signal when the check took too long. */
export class RunTimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/**
 * Runs a check once, inside a span that is active while it runs. The listener gets the result at the time-out at the latest,
 * whether or not the check heeds its signal; it may get it before this function returns.
 * @param parent the context whose span becomes the parent; the root context for a scheduled run
 */
export function startRun(
  check: HealthCheck,
  parent: Context,
  listener: RunListener,
  conditions: RunConditions = noConditions,
): Run {
  const own = parentOfRun(parent);
  const run = new UnderwayRun(check, own, listener, conditions);
  run.begin(own);
  return run;
}

const noConditions: RunConditions = {};
const neverBlocked = (): number => 0;
const neverAlone = (): boolean => false;

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
  /** What reading the check's labels or target threw: that counts as thrown by its run. */
  readonly #unreadable: { readonly error: unknown } | undefined;
  /** Whether the run has no result yet. */
  #open = true;

  constructor(check: HealthCheck, parent: Context, listener: RunListener, conditions: RunConditions) {
    this.#check = check;
    this.#listener = listener;
    this.#conditions = conditions;
    try {
      this.#span = startRunSpan(check, parent);
    } catch (error) {
      this.#span = startBareRunSpan(check, parent);
      this.#unreadable = { error };
    }
    this.spanContext = this.#span.spanContext();
    this.#measured = beginMeasuring(check);
    this.#deadline = setDeadline(this.#startedMonotonic, check.timeout.milliseconds, () => this.#timeOut());
  }

  begin(parent: Context): void {
    const { executor = mainThread } = this.#conditions;
    const active = withSecretsOf(this.#check, trace.setSpan(parent, this.#span));
    let running: unknown;
    let isUnderway: boolean;
    try {
      if (this.#unreadable !== undefined) throw this.#unreadable.error;
      running = context.with(active, callRun, undefined, executor, this.#check, this.#controller.signal);
      isUnderway = isThenable(running);
    } catch (error) {
      this.#threw(error);
      return;
    }
    if (isUnderway) void this.#follow(running);
    else this.#returned();
  }

  /** `await` copes with every thenable: one that calls back twice, or at once, or whose `then` throws. */
  async #follow(running: unknown): Promise<void> {
    try {
      await running;
    } catch (error) {
      this.#threw(error);
      return;
    }
    this.#returned();
  }

  abort(): void {
    if (!this.#open) return;
    this.#controller.abort(new Error("the monitor is closing"));
    this.#settle("unknown", undefined);
  }

  #returned(): void {
    try {
      if (this.#open) this.#settle("healthy", undefined);
    } finally {
      this.#listener.released();
    }
  }

  #threw(error: unknown): void {
    try {
      if (!this.#open) return;
      const failure = failureOf(error, (text) => this.#check.redact(text));
      this.#settle(failure.state, failure, failure.expected ? undefined : error);
    } finally {
      this.#listener.released();
    }
  }

  #timeOut(): void {
    if (!this.#open) return;
    const error = new ServiceUnavailable(`timed out after ${this.#check.timeout}`, { reason: "timeout" });
    const failure = ownFailure(error);
    this.#controller.abort(new RunTimeoutError(error.message)); // First, so that the check can still record in the span how far it was.
    this.#settle(failure.state, failure);
  }

  #settle(found: Result["state"], foundFailure: RunFailure | undefined, unexpected?: unknown): void {
    this.#open = false;
    clearTimeout(this.#deadline);
    const { blockedSince = neverBlocked, wasAloneSince: wasAlone = neverAlone } = this.#conditions;
    const endedMonotonic = performance.now();
    const milliseconds = endedMonotonic - this.#startedMonotonic;
    const blocked = Math.max(milliseconds - this.#check.timeout.milliseconds, blockedSince(this.#startedMonotonic));
    const inconclusive =
      found !== "unknown" &&
      (isInconclusive(foundFailure, blocked, this.#check) ||
        (foundFailure !== undefined && wasAlone(this.#startedMonotonic)));
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
