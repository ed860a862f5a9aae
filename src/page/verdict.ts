import { wholeNumber } from "../formats/elapsed.ts";
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
export function verdictOn({ checks, degraded, passes }: Report): Verdict {
  const count = (wanted: (state: State) => boolean): number => checks.filter(({ state }) => wanted(state)).length;
  if (checks.length === 0) return { state: "unknown", sign: "–", sentence: "This endpoint has no checks" };
  const one = checks.length === 1;
  const all = one ? "The only check" : `All ${wholeNumber(checks.length)} checks`;
  if (passes) {
    const warnings = count((state) => state === "degraded");
    const passing = `${all} ${one ? "passes" : "pass"}`;
    if (warnings === 0) return { state: "healthy", sign: "✓", sentence: passing };
    const addition = one ? "with a warning" : `${wholeNumber(warnings)} of them with a warning`;
    return { state: "degraded", sign: "⚠", sentence: `${passing}, ${addition}` };
  }
  const failing = count((state) => !statePasses(state, degraded));
  const who = failing === checks.length ? all : `${wholeNumber(failing)} of ${wholeNumber(checks.length)} checks`;
  const state = statesByUrgency.find((each) => count((found) => found === each) > 0) ?? "unknown";
  return { state, sign: "✗", sentence: `${who} ${failing === 1 ? "fails" : "fail"}` };
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
