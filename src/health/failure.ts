import { HealthCheckError, type Reason, reasons } from "./errors.ts";
import type { FailingState, State } from "./state.ts";
import { systemError } from "./system-error.ts";

/** What is wrong with a check, fit to be shown: a single line without secrets. */
export interface Failure {
  /** `Warning`, `Unavailable`, `Unexpected Result`, `Unknown Error`; `Unknown` and `Skipped` when it did not run. */
  readonly kind: string;
  readonly message: string;
  /** Undefined where it is not published. */
  readonly reason?: Reason | undefined;
}

/** What a person reads of a check: `OK`, or the failure's kind and message. */
export function describe(failure: Failure | undefined): string {
  if (failure === undefined) return "OK";
  return failure.message === "" ? failure.kind : `${failure.kind}: ${failure.message}`;
}

/** How a run failed, or why it found nothing, and whether what it threw was foreseen. */
export interface RunFailure extends Failure {
  readonly reason: Reason;
  readonly state: FailingState | "unknown";
  /** False when something was thrown that nobody foresaw: it is for the log, never for the page. */
  readonly expected: boolean;
}

/**
 * Turns what a run threw into what may be shown of it. Never throws. What is not a complete `HealthCheckError`, or cannot be
 * read, is an unknown error: an instance of the base class itself, a reason that does not exist, a proxy, a getter that throws.
 */
export function failureOf(thrown: unknown, redact: (text: string) => string): RunFailure {
  try {
    const error = thrown instanceof HealthCheckError ? thrown : systemError(thrown);
    return (error && expectedFailure(error, redact)) ?? unknownError();
  } catch {
    return unknownError(); // The caller logs what was thrown.
  }
}

/** What is shown of an error that the engine itself constructed: its message contains nothing to redact. */
export function ownFailure(error: HealthCheckError): RunFailure {
  return failureOf(error, (text) => text);
}

function expectedFailure(error: HealthCheckError, redact: (text: string) => string): RunFailure | undefined {
  const { kind, message, reason, state } = error;
  const areTexts = typeof kind === "string" && typeof message === "string";
  if (!areTexts || !reasons.includes(reason) || !foundStates.has(state)) return undefined;
  return { kind: singleLine(kind), message: singleLine(redact(message)), reason, state, expected: true };
}

/** The states in which a run that threw can end. */
const foundStates: ReadonlySet<unknown> = new Set<HealthCheckError["state"]>(["degraded", "unhealthy", "unknown"]);

function unknownError(): RunFailure {
  return { kind: "Unknown Error", message: "unknown error", reason: "unknown", state: "unhealthy", expected: false };
}

/** What is said of a check that has no result to show. */
export function failureWithoutRun(state: Extract<State, "unknown" | "skipped">, message: string): Failure {
  return state === "unknown"
    ? { kind: "Unknown", message, reason: "unknown" }
    : { kind: "Skipped", message, reason: "dependency" };
}

const longestMessage = 1000;

function singleLine(message: string): string {
  const line = message.replaceAll(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return line.length > longestMessage ? `${line.slice(0, longestMessage)}…` : line;
}
