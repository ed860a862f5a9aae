/**
 * The state of a check: `degraded` works but needs attention, `unknown` has not run yet or has a result too old to be
 * trusted, `skipped` was not run because something it depends on is down.
 */
export const states = ["healthy", "degraded", "unhealthy", "unknown", "skipped"] as const;

/** One of {@link states}. */
export type State = (typeof states)[number];

/** A state in which a run itself found something wrong. */
export type FailingState = "degraded" | "unhealthy";
