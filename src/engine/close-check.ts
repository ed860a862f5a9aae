import type { HealthCheck } from "../health/health-check.ts";
import type { Logger } from "../health/logger.ts";
import { redactedException } from "../telemetry/run-span.ts";

/** A check that has not closed its client by then is left behind. */
const longestCloseMilliseconds = 2000;

/** Lets a check close what it keeps; never rejects, and never takes long. */
export async function closeCheck(check: HealthCheck, logger: Logger): Promise<void> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("it took too long")), longestCloseMilliseconds);
  try {
    await Promise.race([check.close?.(), tooLate]);
  } catch (error) {
    const details = { check: check.name, error: redactedException(error, check.redact) };
    logger.warn(details, `the check "${check.name}" could not be closed`);
  } finally {
    clearTimeout(timer);
  }
}
