import { summaryOf } from "../formats/summary.ts";
import { type Report, statePasses } from "../health/report.ts";
import type { State } from "../health/state.ts";
import { statesByUrgency } from "./states.ts";

/** The headline of a page. */
export interface Verdict {
  /** The state whose colour and icon the page shows. */
  readonly state: State;
  /** The state as one character, for the title of a browser tab. */
  readonly sign: "✓" | "⚠" | "✗" | "–";
  readonly sentence: string;
}

/** The headline for all checks of an endpoint. */
export function verdictOn(report: Report): Verdict {
  const { checks, degraded, passes } = report;
  const sentence = summaryOf(report);
  if (checks.length === 0) return { state: "unknown", sign: "–", sentence };
  if (passes) {
    const warns = checks.some(({ state }) => state === "degraded");
    return warns ? { state: "degraded", sign: "⚠", sentence } : { state: "healthy", sign: "✓", sentence };
  }
  const counted = new Set(checks.map(({ state }) => state).filter((state) => !statePasses(state, degraded)));
  return { state: statesByUrgency.find((state) => counted.has(state)) ?? "unknown", sign: "✗", sentence };
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
