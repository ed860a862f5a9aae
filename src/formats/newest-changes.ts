import type { CheckIdentity, CheckReport, Transition } from "../health/report.ts";

/** A change of one check's state. */
export interface Change {
  readonly check: CheckIdentity;
  readonly transition: Transition;
  /** The previous change; undefined when none is known. */
  readonly before: Transition | undefined;
}

/**
 * The recent changes of all checks, newest first. Those of one check stay in the order in which they happened, even if the
 * clock was set back between them.
 */
export function newestChanges(checks: readonly CheckReport[]): readonly Change[] {
  return checks
    .flatMap(({ check, transitions }) => {
      let latest = Number.NEGATIVE_INFINITY;
      const orderedAt = transitions.toReversed().map(({ at }) => {
        latest = Math.max(latest, at);
        return latest;
      });
      return transitions.map((transition, index) => ({
        change: { check, transition, before: transitions[index + 1] },
        orderedAt: orderedAt[transitions.length - 1 - index] ?? latest,
        index,
      }));
    })
    .sort((a, b) => b.orderedAt - a.orderedAt || a.index - b.index)
    .map(({ change }) => change);
}
