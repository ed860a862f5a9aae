import { wholeNumber } from "../formats/elapsed.ts";
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

/** The headline for all checks of an endpoint. */
export function verdictOn(report: Report): Verdict {
  const { checks, passes } = report;
  const counted = checks.filter((check) => !isExcused(check, report));
  const count = (wanted: (state: State) => boolean): number => counted.filter(({ state }) => wanted(state)).length;
  if (checks.length === 0) return { state: "unknown", sign: "–", sentence: "This endpoint has no checks" };
  const one = checks.length === 1;
  const all = one ? "The only check" : `All ${wholeNumber(checks.length)} checks`;
  const excused = checks.length - counted.length;
  if (excused > 0 && counted.length === 0) {
    return { state: "maintenance", sign: "⚙", sentence: `${all} ${one ? "is" : "are"} in maintenance` };
  }
  const alone = counted.length === 1;
  const rest = excused === 0 ? "" : `, ${wholeNumber(excused)} ${excused === 1 ? "is" : "are"} in maintenance`;
  const most = excused === 0 ? all : `${wholeNumber(counted.length)} ${alone ? "check" : "checks"}`;
  if (passes) {
    const warnings = count((state) => state === "degraded");
    const passing = `${most} ${alone ? "passes" : "pass"}`;
    if (warnings === 0) return { state: "healthy", sign: "✓", sentence: `${passing}${rest}` };
    const addition = alone ? "with a warning" : `${wholeNumber(warnings)} of them with a warning`;
    return { state: "degraded", sign: "⚠", sentence: `${passing}, ${addition}${rest}` };
  }
  const failing = counted.filter((check) => !checkPasses(check, report)).length;
  const who = failing === checks.length ? all : `${wholeNumber(failing)} of ${wholeNumber(checks.length)} checks`;
  const state = statesByUrgency.find((each) => count((found) => found === each) > 0) ?? "unknown";
  return { state, sign: "✗", sentence: `${who} ${failing === 1 ? "fails" : "fail"}${rest}` };
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
