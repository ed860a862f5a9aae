import type { Reason } from "../../health/errors.ts";
import type { Result } from "../../health/result.ts";
import { DurationHistogram } from "./duration-histogram.ts";
import type { HistogramShape } from "./histogram-shape.ts";

/** How long the runs of one check took, by the reason for which they failed. */
export class RunDurations {
  readonly #byReason = new Map<Reason | undefined, DurationHistogram>();
  readonly #shape: HistogramShape;

  constructor(shape: HistogramShape) {
    this.#shape = shape;
  }

  /** Those of the runs that passed are there from the start. Empty when none are counted. */
  get byReason(): ReadonlyMap<Reason | undefined, DurationHistogram> {
    if (this.#shape.kind !== "none") this.#of(undefined);
    return this.#byReason;
  }

  /** Takes a run whose span has ended. */
  record({ failure, durationSeconds, startedAt, spanContext }: Result): void {
    if (this.#shape.kind === "none") return;
    this.#of(undefined); // The first, as in an answer that was given before.
    const durations = this.#of(failure?.reason);
    durations.record(durationSeconds);
    durations.offer(durationSeconds, spanContext, startedAt + durationSeconds * 1000);
  }

  #of(reason: Reason | undefined): DurationHistogram {
    let durations = this.#byReason.get(reason);
    if (durations === undefined) {
      durations = new DurationHistogram(this.#shape);
      this.#byReason.set(reason, durations);
    }
    return durations;
  }
}
