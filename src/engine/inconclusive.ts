import type { Reason } from "../health/errors.ts";
import type { RunFailure } from "../health/failure.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { Result } from "../health/result.ts";

/** What a block causes: our own time-out, a server that gave up on us, an answer that only seems to have been slow. */
const reasonsOfTime: ReadonlySet<Reason> = new Set<Reason>(["timeout", "connection_reset", "threshold"]);

/**
 * Whether a run says nothing about its check, because this process was blocked or suspended meanwhile: we may have caused the
 * failure ourselves, and an answer may be older than it seems.
 * @param failure undefined when the run passed
 */
export function isInconclusive(
  failure: RunFailure | undefined,
  blockedMilliseconds: number,
  { interval, timeout }: Pick<HealthCheck, "interval" | "timeout">,
): boolean {
  if (failure === undefined) return blockedMilliseconds > (interval ?? timeout).milliseconds;
  const tolerated = reasonsOfTime.has(failure.reason)
    ? Math.min(100, Math.max(50, timeout.milliseconds / 10))
    : timeout.milliseconds / 2;
  return blockedMilliseconds > tolerated;
}

/** A run that was given up, and one that was inconclusive, say nothing about the check. */
export function saysSomething({ state, failure }: Result): boolean {
  return state !== "unknown" || failure !== undefined;
}
