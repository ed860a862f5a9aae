import type { Attributes } from "@opentelemetry/api";
import { allAttributes, type CheckPoint } from "../metrics/check-metrics.ts";
import type { Family } from "./families.ts";
import { labelIdentity } from "./label-text.ts";

/** The search pauses after this many points. */
const pointsAtATime = 200;

/**
 * Recognises series that read the same although their attributes differ, such as those of `a.b` and `a_b`: a family may have
 * only one of them. Starts to compare when there is reason to, since that costs more than writing.
 */
export class Repetitions {
  readonly #family: Family;
  readonly #onHistogram: boolean;
  #seen: Set<string> | undefined;

  constructor(family: Family) {
    this.#family = family;
    this.#onHistogram = family.kind === "histogram";
    const scopes = new Set(family.parts.map(({ scopeLabels }) => scopeLabels));
    if (scopes.size < family.parts.length) this.#seen = new Set();
  }

  /** Whether every series is compared with those before it. */
  get watching(): boolean {
    return this.#seen !== undefined;
  }

  /** Compares every series from this one on with all before it. Yields an empty text now and then. */
  *watchFrom(attributes: Attributes): Generator<string, void> {
    this.#seen = new Set();
    let looked = 0;
    for (const { dataPoints, scopeLabels } of this.#family.parts) {
      for (const point of dataPoints) {
        if (point.attributes === attributes) return;
        this.isRepeated(point, scopeLabels);
        looked += 1;
        if (looked % pointsAtATime === 0) yield "";
      }
    }
  }

  /** Whether a series that reads the same has been there before, if anybody watches. */
  isRepeated(point: Pick<CheckPoint, "attributes" | "added">, scopeLabels: string): boolean {
    if (this.#seen === undefined) return false;
    const series = `${labelIdentity(allAttributes(point), this.#onHistogram)} ${scopeLabels}`;
    if (this.#seen.has(series)) return true;
    this.#seen.add(series);
    return false;
  }
}
