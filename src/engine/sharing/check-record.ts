import type { SpanContext } from "@opentelemetry/api";
import type { Failure } from "../../health/failure.ts";
import type { CheckReport } from "../../health/report.ts";
import type { State } from "../../health/state.ts";
import type { RememberedCheck } from "../remembered-check.ts";

/**
 * What the replica that runs a shared check has found: what all replicas say of the check, and what the next one that runs it
 * goes on from. Moments are milliseconds since the epoch; how old it is, is counted apart, on the monotonic clock.
 */
export interface CheckRecord
  extends Pick<CheckReport, "lastRun" | "lastSuccessAt" | "certificateExpiresAt" | "measures"> {
  readonly name: string;
  readonly type: string;
  /** What is shown. */
  readonly state: State;
  /** Present exactly when the state is not `healthy`. */
  readonly failure: Failure | undefined;
  /** Since when the state holds. */
  readonly since: number;
  readonly consecutiveFailures: number;
  /** The span of the run to blame when the check is down, for the links of those that are skipped because of it. */
  readonly cause: SpanContext | undefined;
  /** What whoever runs it next goes on from. The same object as long as it has not changed. */
  readonly past: RecordedPast;
}

/** What of a record changes rarely. */
export type RecordedPast = Pick<RememberedCheck, "transitions" | "recent" | "found" | "startPeriodEndsAt" | "memory">;

/** A record that counts, and since when: on the monotonic clock of this process. */
export interface KnownRecord {
  readonly record: CheckRecord;
  readonly renewedAt: number;
}

/** What is remembered of a check, as its record says it. */
export function rememberedIn(record: CheckRecord): RememberedCheck {
  const { name, type, state, since, lastSuccessAt, consecutiveFailures, past } = record;
  return { name, type, state, since, lastSuccessAt, consecutiveFailures, ...past };
}
