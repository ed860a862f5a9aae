import { HealthCheckError, type Reason } from "../../health/errors.ts";
import type { MeasuredValue } from "../../health/measure.ts";
import type { SentSpan, TraceCarrier } from "../../telemetry/traces/sent-trace.ts";

/** Makes a check that is the same as one of the main thread, and keeps it with its client. */
export interface LoadTask {
  readonly kind: "load";
  /** By which the later tasks call it. */
  readonly id: number;
  /** The address of the module that exports the class. */
  readonly module: string;
  readonly exportName: string;
  readonly options: object;
}

/** Runs a check that was loaded. */
export interface RunTask {
  readonly kind: "run";
  readonly id: number;
  /** Undefined when the run is not traced. */
  readonly trace: TraceCarrier | undefined;
}

/** Lets the signal of a run fire. */
export interface AbortTask {
  readonly kind: "abort";
  readonly id: number;
  readonly reason: SentError;
}

/** Closes a check's client, and forgets the check. */
export interface CloseTask {
  readonly kind: "close";
  readonly id: number;
}

/** What a thread can be told to do. */
export type ThreadTask = LoadTask | RunTask | AbortTask | CloseTask;

/** What was thrown, as it can be sent between threads. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of a system error. */
  readonly code: string | undefined;
  /** Of a HealthCheckError, whichever class it is of. */
  readonly verdict: Verdict | undefined;
}

interface Verdict {
  readonly kind: string;
  readonly state: HealthCheckError["state"];
  readonly reason: Reason;
  readonly beganAt: number | undefined;
}

/** What came of a task. */
export interface ThreadOutcome {
  readonly thrown?: SentError | undefined;
  /** As the check has it after the run. */
  readonly certificateExpiresAt?: number | undefined;
  /** What the run measured. */
  readonly measures?: readonly MeasuredValue[];
  /** What ended during the run. */
  readonly spans?: readonly SentSpan[];
}

/** Makes of what was thrown something that can be sent. */
export function sentError(thrown: unknown): SentError {
  if (!(thrown instanceof Error)) {
    return { name: "Error", message: String(thrown), stack: undefined, code: undefined, verdict: undefined };
  }
  const { name, message, stack } = thrown;
  if (!(thrown instanceof HealthCheckError))
    return { name, message, stack, code: systemCode(thrown), verdict: undefined };
  const { kind, state, reason, beganAt } = thrown;
  return { name, message, stack, code: undefined, verdict: { kind, state, reason, beganAt } };
}

/** Makes of what was sent an error that says to the engine what the one said that was thrown. */
export function thrownFrom({ name, message, stack, code, verdict }: SentError): Error {
  const error = verdict === undefined ? new Error(message) : new SentHealthCheckError(message, verdict);
  return Object.assign(error, {
    name,
    ...(stack !== undefined && { stack }),
    ...(code !== undefined && { code }),
  });
}

class SentHealthCheckError extends HealthCheckError {
  readonly kind: string;
  readonly state: HealthCheckError["state"];

  constructor(message: string, { kind, state, reason, beganAt }: Verdict) {
    super(message, reason, { beganAt });
    this.kind = kind;
    this.state = state;
  }
}

/** The code of a system error, which may be deep among its causes. */
function systemCode(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > 5) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return systemCode(error instanceof AggregateError ? error.errors[0] : error.cause, depth + 1);
}
