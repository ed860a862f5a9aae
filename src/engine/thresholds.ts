import type { State } from "../health/state.ts";

/** What a run can find, from the best to the worst. */
const severities = ["healthy", "degraded", "unhealthy"] as const;

/** What one run found. */
export type Finding = (typeof severities)[number];

/** How many consecutive runs change a state, as Kubernetes' probes count them. */
export interface Thresholds {
  /** Consecutive runs that were at least as bad before the state gets worse. */
  readonly failureThreshold: number;
  /** Consecutive runs that were at least as good before the state gets better. */
  readonly successThreshold: number;
}

/** The latest findings, newest first: no more of them than the thresholds need. */
export type RecentFindings = readonly Finding[];

/**
 * Adds the finding of the latest run.
 * @returns the same array when that changes nothing, so that a check which goes on as before leaves no garbage
 */
export function withLatest(recent: RecentFindings, finding: Finding, thresholds: Thresholds): RecentFindings {
  const kept = Math.max(thresholds.failureThreshold, thresholds.successThreshold);
  if (recent.length === kept && recent.every((one) => one === finding)) return recent;
  return [finding, ...recent.slice(0, kept - 1)];
}

/**
 * The state after the latest run. It gets worse when `failureThreshold` consecutive runs were at least as bad, and better
 * when `successThreshold` consecutive runs were at least as good. The first healthy run ends `unknown` and `skipped` at once.
 */
export function stateAfter(current: State, recent: RecentFindings, thresholds: Thresholds): State {
  const { failureThreshold, successThreshold } = thresholds;
  const latest = recent[0];
  if (failureThreshold === 1 && successThreshold === 1 && latest !== undefined) return latest; // Nearly always.
  const best = extreme(recent, failureThreshold, Math.min);
  const worst = extreme(recent, successThreshold, Math.max);
  const severity = severities.indexOf(current as Finding); // -1 for `unknown` and `skipped`.
  if (severity < 0) return latest === "healthy" ? "healthy" : (best ?? "unknown");
  if (best !== undefined && severities.indexOf(best) > severity) return best;
  if (worst !== undefined && severities.indexOf(worst) < severity) return worst;
  return current;
}

/** How many of the latest findings in a row are not healthy. */
export function notHealthyInARow(recent: RecentFindings): number {
  const passed = recent.indexOf("healthy");
  return passed < 0 ? recent.length : passed;
}

/** The best or the worst of the latest `count` findings; undefined while there are fewer. */
function extreme(recent: RecentFindings, count: number, choose: (...values: number[]) => number): Finding | undefined {
  if (recent.length < count) return undefined;
  return severities[choose(...recent.slice(0, count).map((finding) => severities.indexOf(finding)))];
}
