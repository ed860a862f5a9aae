import type { MeasuredValue } from "../../health/measure.ts";
import type { ToldMeasure } from "../thread/messages.ts";

/** What events call each measure: its name and unit, whichever check it is of. */
export class KnownMeasures {
  readonly #byName = new Map<string, ToldMeasure[]>();
  readonly #all: ToldMeasure[] = [];
  #untold: ToldMeasure[] = [];

  /** The number of a measure, a new one if it has none. */
  numberOf({ name, unit }: MeasuredValue): number {
    let named = this.#byName.get(name);
    if (named === undefined) {
      named = [];
      this.#byName.set(name, named);
    }
    for (const known of named) if (known.unit === unit) return known.number;
    const measure = { number: this.#all.length + 1, name, unit };
    named.push(measure);
    this.#all.push(measure);
    this.#untold.push(measure);
    return measure.number;
  }

  /** Those that the thread has not been told of. */
  takeUntold(): readonly ToldMeasure[] {
    const untold = this.#untold;
    this.#untold = [];
    return untold;
  }

  /** The thread knows of none. */
  tellAll(): void {
    this.#untold = [...this.#all];
  }
}
