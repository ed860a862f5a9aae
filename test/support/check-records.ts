import type { CheckRecord } from "../../src/engine/sharing/check-record.ts";
import { failureWithoutRun } from "../../src/health/failure.ts";
import type { Transition } from "../../src/health/report.ts";

const moment = 1_800_000_000_000;

/** A record of a check that ran once. */
export function aRecord(name: string, state: "healthy" | "unhealthy" = "healthy"): CheckRecord {
  return {
    name,
    type: "fake-check",
    state,
    failure: state === "healthy" ? undefined : { kind: "Unavailable", message: "gone", reason: "unavailable" },
    since: moment,
    lastRun: { startedAt: moment, durationSeconds: 0.01, traceId: undefined },
    lastSuccessAt: state === "healthy" ? moment : undefined,
    measures: undefined,
    consecutiveFailures: state === "healthy" ? 0 : 1,
    certificateExpiresAt: undefined,
    cause: undefined,
    past: { transitions: [], recent: [] },
  };
}

/** A change of state from unknown. */
export function aTransition(to: "healthy" | "unhealthy", at = moment): Transition {
  return { at, from: "unknown", to, failure: to === "healthy" ? undefined : failureWithoutRun("unknown", "gone") };
}
