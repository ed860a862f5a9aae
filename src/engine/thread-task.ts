import {
  HealthCheckError,
  type Reason,
  ServiceReturnedUnexpectedResult,
  ServiceUnavailable,
  ServiceWarning,
} from "../health/errors.ts";

/** What a thread needs to make a check of its own that is the same. */
export interface ThreadTask {
  readonly type: string;
  /** The name under which {@link module} exports the class. */
  readonly exportName: string;
  /** The address of the module of a class that is not in the catalogue: its `static readonly module = import.meta.url`. */
  readonly module: string | undefined;
  readonly options: object;
}

/** What was thrown, as it can be sent between threads. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of a system error. */
  readonly code: string | undefined;
  /** Of a HealthCheckError. */
  readonly reason: Reason | undefined;
}

/** What came of a run in a thread. */
export interface ThreadOutcome {
  readonly thrown: SentError | undefined;
  /** As the check has it after the run. */
  readonly certificateExpiresAt?: number | undefined;
}

const classes = { ServiceWarning, ServiceUnavailable, ServiceReturnedUnexpectedResult };

/** Makes of what was thrown something that can be sent. */
export function sentError(thrown: unknown): SentError {
  if (!(thrown instanceof Error)) {
    return { name: "Error", message: String(thrown), stack: undefined, code: undefined, reason: undefined };
  }
  const { message, stack } = thrown;
  if (thrown instanceof HealthCheckError) {
    const name = Object.entries(classes).find(([, known]) => thrown instanceof known)?.[0] ?? "ServiceUnavailable";
    return { name, message, stack, code: undefined, reason: thrown.reason };
  }
  return { name: thrown.name, message, stack, code: systemCode(thrown), reason: undefined };
}

/** Makes of what was sent an error of the class that was thrown, as far as it matters to the engine. */
export function thrownFrom({ name, message, stack, code, reason }: SentError): Error {
  if (reason !== undefined) {
    const ErrorClass = classes[name as keyof typeof classes] ?? ServiceUnavailable;
    return new ErrorClass(message, { reason });
  }
  return Object.assign(new Error(message), {
    name,
    ...(stack !== undefined && { stack }),
    ...(code !== undefined && { code }),
  });
}

/** The code of a system error, which may be deep among its causes. */
function systemCode(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > 5) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return systemCode(error instanceof AggregateError ? error.errors[0] : error.cause, depth + 1);
}
