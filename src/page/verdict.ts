import { summaryOf } from "../formats/summary.ts";
import { checkPasses, isExcused, type Report } from "../health/report.ts";
import type { State } from "../health/state.ts";
import { type ShownState, statesByUrgency } from "./states.ts";

/** The headline of a page. */
export interface Verdict {
  /** The state whose colour and icon the page shows. */
  readonly state: ShownState;
  /** The state as one character, for the title of a browser tab. */
  readonly sign: "✓" | "⚠" | "✗" | "–" | "⚙";
  readonly sentence: string;
}

/** The headline for all checks of an endpoint. Those in maintenance do not count, unless all of them are. */
export function verdictOn(report: Report): Verdict {
  const { checks, passes } = report;
  const sentence = summaryOf(report);
  if (checks.length === 0) return { state: "unknown", sign: "–", sentence };
  const counted = checks.filter((check) => !isExcused(check, report));
  if (counted.length === 0) return { state: "maintenance", sign: "⚙", sentence };
  if (passes) {
    const warns = counted.some(({ state }) => state === "degraded");
    return warns ? { state: "degraded", sign: "⚠", sentence } : { state: "healthy", sign: "✓", sentence };
  }
  const failing = new Set(counted.filter((check) => !checkPasses(check, report)).map(({ state }) => state));
  return { state: statesByUrgency.find((state) => failing.has(state)) ?? "unknown", sign: "✗", sentence };
}

const predicates = {
  healthy: "is healthy",
  degraded: "is degraded",
  unhealthy: "is unhealthy",
  unknown: "is in an unknown state",
  skipped: "was skipped",
} as const satisfies Record<State, string>;

/** The headline of a single check's page, without its name. */
export function verdictOnCheck(state: State, { passes }: Report): Verdict {
  const sign = state === "healthy" ? "✓" : passes ? "⚠" : "✗";
  return { state, sign, sentence: predicates[state] };
}
