import type { CheckIdentity, CheckReport, Transition } from "../health/report.ts";

/** A change of one check's state. */
export interface Change {
  readonly check: CheckIdentity;
  readonly transition: Transition;
  /** The change before it; undefined when none is remembered. */
  readonly before: Transition | undefined;
}

/** The remembered changes of all checks, the newest first. */
export function newestChanges(checks: readonly CheckReport[]): readonly Change[] {
  return checks
    .flatMap(({ check, transitions }) =>
      transitions.map((transition, index) => ({ check, transition, before: transitions[index + 1] })),
    )
    .sort((a, b) => b.transition.at - a.transition.at);
}
