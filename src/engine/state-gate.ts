import type { State } from "../health/state.ts";

/** What a run can find, from the best to the worst. */
const severities = ["healthy", "degraded", "unhealthy"] as const;

/** What one run found. */
export type Finding = (typeof severities)[number];

/**
 * Decides when what the runs find becomes the check's state. A state gets worse when `failureThreshold` runs one after the
 * other were at least as bad, and better when `successThreshold` runs one after the other were at least as good: the
 * words and the counting of Kubernetes' probes. The first good run ends `unknown` and
 * `skipped` at once.
 */
export class StateGate {
  readonly #failureThreshold: number;
  readonly #successThreshold: number;
  #last: readonly Finding[] = [];

  constructor(failureThreshold: number, successThreshold: number) {
    this.#failureThreshold = failureThreshold;
    this.#successThreshold = successThreshold;
  }

  /** The state after a run that found `finding`. */
  next(current: State, finding: Finding): State {
    if (this.#failureThreshold === 1 && this.#successThreshold === 1) return finding;
    this.#last = [finding, ...this.#last].slice(0, Math.max(this.#failureThreshold, this.#successThreshold));
    const best = this.#extreme(this.#failureThreshold, Math.min);
    const worst = this.#extreme(this.#successThreshold, Math.max);
    const severity = severities.indexOf(current as Finding);
    if (severity < 0) return finding === "healthy" ? finding : (best ?? "unknown");
    if (best !== undefined && severities.indexOf(best) > severity) return best;
    if (worst !== undefined && severities.indexOf(worst) < severity) return worst;
    return current;
  }

  /** How many of the last runs failed one after the other, as far as they count. */
  get failures(): number {
    const passed = this.#last.indexOf("healthy");
    return passed < 0 ? this.#last.length : passed;
  }

  /** Forgets what was found so far. */
  reset(): void {
    this.#last = [];
  }

  /** The best or worst of the last so many findings; undefined while there are fewer. */
  #extreme(count: number, choose: (...values: number[]) => number): Finding | undefined {
    if (this.#last.length < count) return undefined;
    return severities[choose(...this.#last.slice(0, count).map((finding) => severities.indexOf(finding)))];
  }
}
