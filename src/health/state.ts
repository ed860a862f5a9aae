/**
 * What can be said of a check: `degraded` works but wants a look, `unknown` has not run yet or is too old to be
 * trusted, `skipped` was not run because something it depends on is down.
 */
export const states = ["healthy", "degraded", "unhealthy", "unknown", "skipped"] as const;

/** One of {@link states}. */
export type State = (typeof states)[number];

/** A state that a run of the check found by itself to be amiss. */
export type FailingState = "degraded" | "unhealthy";
