import { HealthCheckError, type Reason } from "../../health/errors.ts";
import type { MeasuredValue } from "../../health/measure.ts";
import { redactedException } from "../../health/redacted-exception.ts";
import { OwnShortage, ownShortage, type ShortageCode } from "../../health/system-error.ts";
import type { SentTrace, TraceCarrier } from "../../telemetry/traces/sent-trace.ts";

/** Constructs the same check as in the main thread, and keeps it with its client. */
export interface LoadTask {
  readonly kind: "load";
  /** The name of the check in later tasks. */
  readonly id: number;
  /** The address of the module that exports the class. */
  readonly module: string;
  readonly exportName: string;
  readonly options: object;
}

/** Runs a loaded check. */
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

/** What a thread can be asked to do. */
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
  /** What this process or machine has run out of. */
  readonly shortage: ShortageCode | undefined;
}

interface Verdict {
  readonly kind: string;
  readonly state: HealthCheckError["state"];
  readonly reason: Reason;
  readonly beganAt: number | undefined;
}

/** The outcome of a task. */
export interface ThreadOutcome {
  readonly thrown?: SentError | undefined;
  /** As the check has it after the run. */
  readonly certificateExpiresAt?: number | undefined;
  /** What the run measured. */
  readonly measures?: readonly MeasuredValue[];
  /** What was traced of the run. */
  readonly trace?: SentTrace | undefined;
}

/**
 * Turns what was thrown into something that can be sent. Never throws. What is not a complete `HealthCheckError`, or cannot be
 * read, arrives as an unexpected error, as it would be without a thread.
 */
export function sentError(thrown: unknown): SentError {
  const { name, message, stack } = redactedException(thrown, (text) => text);
  const sent = { name, message, stack, code: undefined, verdict: undefined, shortage: undefined };
  try {
    const shortage = ownShortage(thrown);
    if (shortage !== undefined) return { ...sent, shortage: shortage.code };
    if (thrown instanceof HealthCheckError) return { ...sent, verdict: verdictOf(thrown) };
    return { ...sent, code: systemCode(thrown) };
  } catch {
    return sent;
  }
}

function verdictOf({ message, kind, state, reason, beganAt }: HealthCheckError): Verdict | undefined {
  const areTexts = [message, kind, state, reason].every((text) => typeof text === "string");
  return areTexts ? { kind, state, reason, beganAt: typeof beganAt === "number" ? beganAt : undefined } : undefined;
}

/** Turns what was sent into an error that the engine judges as it would have judged the one that was thrown. */
export function thrownFrom({ name, message, stack, code, verdict, shortage }: SentError): Error {
  if (shortage !== undefined) return new OwnShortage(shortage);
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
