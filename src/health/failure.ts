import { HealthCheckError, type Reason, reasons } from "./errors.ts";
import type { FailingState, State } from "./state.ts";
import { OwnShortage, ownShortage, type ShortageCode, systemError } from "./system-error.ts";

/** What is wrong with a check, fit to be shown: a single line without secrets. */
export interface Failure {
  /** `Warning`, `Unavailable`, `Unexpected Result`, `Unknown Error`; `Unknown` and `Skipped` when it did not run. */
  readonly kind: string;
  readonly message: string;
  /** Undefined where it is not published. */
  readonly reason?: Reason | undefined;
  /** When the incident began, in milliseconds since the epoch, if the check said so. */
  readonly beganAt?: number | undefined;
  /** The name of the check because of which this one was skipped; undefined where it is not published. */
  readonly dependency?: string | undefined;
}

/** What a person reads of a check: `OK`, or the failure's kind and message. */
export function describe(failure: Failure | undefined): string {
  if (failure === undefined) return "OK";
  return failure.message === "" ? failure.kind : `${failure.kind}: ${failure.message}`;
}

/** How a run failed, or why it found nothing, and whether the check expected what it threw. */
export interface RunFailure extends Failure {
  readonly reason: Reason;
  readonly state: FailingState | "unknown";
  /** False for an error that is not a HealthCheckError or a known system error: it is for the log, never for the page. */
  readonly expected: boolean;
  /** What this process or machine has run out of, if that is why the run found nothing. */
  readonly shortage?: ShortageCode;
}

/**
 * Turns what a run threw into what may be shown of it. Never throws. What is not a complete `HealthCheckError`, or cannot be
 * read, is an unknown error: an instance of the base class itself, a reason that does not exist, a proxy, a getter that throws.
 */
export function failureOf(thrown: unknown, redact: (text: string) => string): RunFailure {
  try {
    const error = ownShortage(thrown) ?? (thrown instanceof HealthCheckError ? thrown : systemError(thrown));
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
  const { kind, message, reason, state, beganAt } = error;
  const areTexts = typeof kind === "string" && typeof message === "string";
  if (!areTexts || !reasons.includes(reason) || !foundStates.has(state)) return undefined;
  const shown = { kind: singleLine(kind), message: singleLine(redact(message)), reason, state, expected: true };
  if (error instanceof OwnShortage) return { ...shown, shortage: error.code };
  return typeof beganAt === "number" ? { ...shown, beganAt } : shown;
}

/** The states in which a run that threw can end. */
const foundStates: ReadonlySet<unknown> = new Set<HealthCheckError["state"]>(["degraded", "unhealthy", "unknown"]);

function unknownError(): RunFailure {
  return { kind: "Unknown Error", message: "unknown error", reason: "unknown", state: "unhealthy", expected: false };
}

/**
 * Since when a state holds that a run has found: since the moment at which the check says that the incident began, but neither
 * before `knownUntil` nor after the run. All in milliseconds since the epoch.
 * @param endedAt when the run ended
 * @param knownUntil the last moment at which the check is known to have been in another state; 0 when it never was
 */
export function holdsSince(failure: Failure | undefined, endedAt: number, knownUntil: number): number {
  if (failure?.beganAt === undefined) return endedAt;
  return Math.min(endedAt, Math.max(failure.beganAt, knownUntil));
}

/** What is said of a check that has no result to show. */
export function failureWithoutRun(state: Extract<State, "unknown" | "skipped">, message: string): Failure {
  return state === "unknown"
    ? { kind: "Unknown", message, reason: "unknown" }
    : { kind: "Skipped", message, reason: "dependency" };
}

const maxMessageCharacters = 1000;

export function singleLine(message: string): string {
  const line = message.replaceAll(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return line.length > maxMessageCharacters ? `${line.slice(0, maxMessageCharacters)}…` : line;
}
