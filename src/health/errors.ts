import type { FailingState } from "./state.ts";

/**
 * Why a check is not healthy. The same word stands on the metric (`error.type`), the span, the log line,
 * the JSON and the page; the set is closed so that it may be a metric's label.
 */
export const reasons = [
  "timeout",
  "dns",
  "connection_refused",
  "connection_reset",
  "tls",
  "certificate",
  "authentication",
  "status_code",
  "assertion",
  "threshold",
  "dependency",
  "unavailable",
  "unexpected_result",
  "unknown",
] as const;

/** One of {@link reasons}. */
export type Reason = (typeof reasons)[number];

/** What a {@link HealthCheckError} can say besides its message. */
export interface HealthCheckErrorOptions extends ErrorOptions {
  /** Why, if it is known better than the class says. */
  readonly reason?: Reason;
  /** When the incident began, if the check knows: a date, or milliseconds since the epoch. */
  readonly beganAt?: Date | number | undefined;
}

/**
 * What a check throws to say that it is not healthy. Its message is shown to everybody who may read the report, so it
 * names what was found and never holds a credential.
 */
export abstract class HealthCheckError extends Error {
  /** The words before the message on every page, those of django-health-check. */
  abstract readonly kind: string;
  /** The state that a check with this error is in. */
  abstract readonly state: FailingState | "unknown";
  readonly reason: Reason;
  /**
   * When the incident began, in milliseconds since the epoch; undefined when it is not known. A moment that is not a valid one in
   * the past is ignored: what others say about time must not cost the message.
   */
  readonly beganAt: number | undefined;

  constructor(message: string, reason: Reason, { beganAt, ...options }: Omit<HealthCheckErrorOptions, "reason"> = {}) {
    super(message, options);
    this.name = new.target.name;
    this.reason = reason;
    const moment = Number(beganAt);
    this.beganAt = moment >= 0 && moment <= Date.now() ? moment : undefined;
  }
}

/** It works, but needs attention: the check is `degraded`. */
export class ServiceWarning extends HealthCheckError {
  readonly kind = "Warning";
  readonly state = "degraded";

  constructor(message: string, { reason = "threshold", ...options }: HealthCheckErrorOptions = {}) {
    super(message, reason, options);
  }
}

/** It cannot be reached or used: the check is `unhealthy`. */
export class ServiceUnavailable extends HealthCheckError {
  readonly kind = "Unavailable";
  readonly state = "unhealthy";

  constructor(message: string, { reason = "unavailable", ...options }: HealthCheckErrorOptions = {}) {
    super(message, reason, options);
  }
}

/** It answered, but not what a healthy one would answer: the check is `unhealthy`. */
export class ServiceReturnedUnexpectedResult extends HealthCheckError {
  readonly kind = "Unexpected Result";
  readonly state = "unhealthy";

  constructor(message: string, { reason = "unexpected_result", ...options }: HealthCheckErrorOptions = {}) {
    super(message, reason, options);
  }
}

/** Nothing is known about it so far, neither good nor bad: the check is `unknown`. */
export class NotKnownYet extends HealthCheckError {
  readonly kind = "Unknown";
  readonly state = "unknown";

  constructor(message: string, options?: ErrorOptions) {
    super(message, "unknown", options);
  }
}
