import { failureWithoutRun } from "../health/failure.ts";
import type { CheckReport } from "../health/report.ts";

/** A report of a check about which nothing is known any more. */
export function unknownSince(since: number, message: string, report: CheckReport): CheckReport {
  const failure = failureWithoutRun("unknown", message);
  return { ...report, state: "unknown", failure, since, consecutiveFailures: 0 };
}
