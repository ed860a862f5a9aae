import type { HealthCheck } from "../health/health-check.ts";
import type { Logger } from "../health/logger.ts";
import { redactedException } from "../health/redacted-exception.ts";
import { within } from "../health/time/within.ts";

/** A check that has not closed its client by then is abandoned. */
const maxCloseMilliseconds = 2000;

/** Lets a check close what it keeps open. Never rejects, and never takes long. */
export async function closeCheck(check: HealthCheck, logger: Logger): Promise<void> {
  try {
    await within(maxCloseMilliseconds, check.close?.(), tookTooLong);
  } catch (error) {
    announceUnclosed(check, logger, error);
  }
}

/** What {@link within} throws for a check that does not finish closing. */
export function tookTooLong(): never {
  throw new Error("it took too long");
}

/** Logs that a check could not close what it keeps open. */
export function announceUnclosed(check: HealthCheck, logger: Logger, error: unknown): void {
  const details = { check: check.name, error: redactedException(error, (text) => check.redact(text)) };
  logger.warn(details, `the check "${check.name}" could not be closed`);
}
