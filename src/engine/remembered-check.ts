import type { Failure } from "../health/failure.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { Transition } from "../health/report.ts";
import type { State } from "../health/state.ts";
import type { Moment } from "./moment.ts";
import type { Finding, RecentFindings } from "./thresholds.ts";

/** How many changes of state are remembered of each check. */
export const rememberedTransitions = 20;

/** What of a check is kept over a restart. */
export interface RememberedCheck {
  readonly name: string;
  /** A check of another type is another check. Undefined when it is not known. */
  readonly type?: string | undefined;
  readonly state: State;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly lastSuccessAt: number | undefined;
  /** Newest first. */
  readonly transitions: readonly Transition[];
  /** What the thresholds had counted. Undefined when it is not known. */
  readonly recent?: RecentFindings | undefined;
  /** How many of the last runs failed in a row. Undefined when it is not known. */
  readonly consecutiveFailures?: number | undefined;
  /** How each kind of failure was last found. Undefined when it is not known. */
  readonly found?: Readonly<Partial<Record<Finding, Failure>>> | undefined;
  /**
   * When its start period ends, or ended, in milliseconds since the epoch. Undefined when a new one begins, as after the start
   * of the program.
   */
  readonly startPeriodEndsAt?: number | undefined;
  /** What the check itself wants to know again. */
  readonly memory?: unknown;
}

/** What is remembered as it counts after a restart: a start period that has ended begins anew, one that has not goes on. */
export function afterRestart(remembered: RememberedCheck, now: number): RememberedCheck {
  const { startPeriodEndsAt = 0 } = remembered;
  return startPeriodEndsAt > now ? remembered : { ...remembered, startPeriodEndsAt: undefined };
}

/** What is left of the start period, in milliseconds: a restart does not make one longer that has not ended. */
export function startPeriodLeft(
  wholeMilliseconds: number,
  remembered: RememberedCheck | undefined,
  now: Moment,
): number {
  const endsAt = remembered?.startPeriodEndsAt;
  return endsAt === undefined ? wholeMilliseconds : Math.max(0, Math.min(wholeMilliseconds, endsAt - now.wallAt));
}

/** What is remembered of a check. A name that now belongs to a check of another type has no past. */
export function rememberedOf(
  { name, type }: HealthCheck,
  remembered: ReadonlyMap<string, RememberedCheck>,
): RememberedCheck | undefined {
  const before = remembered.get(name);
  return before?.type === undefined || before.type === type ? before : undefined;
}
