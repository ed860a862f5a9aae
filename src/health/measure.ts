/** A number that a check measures, as its class declares it. */
export interface Measure {
  /** In the notation of UCUM, as OpenTelemetry asks for: `%`, `s`, `By`, `d`, `{jobs}`. */
  readonly unit: string;
  /** What the number is, in a sentence. */
  readonly description: string;
}

/** What a check measures, by name. */
export type Measures = Readonly<Record<string, Measure>>;

/** What one run measured. */
export interface MeasuredValue {
  readonly name: string;
  readonly unit: string;
  /** Finite. */
  readonly value: number;
}

/** What of a check is needed to take its numbers. */
interface Measuring {
  readonly type: string;
  readonly measures: Measures;
}

/** The measures of a check that has none. */
export const noMeasures: Measures = Object.freeze({});

const nothing: readonly MeasuredValue[] = Object.freeze([]);

/** What the run under way has measured so far, or the last one. */
const measured = new WeakMap<Measuring, Map<string, number>>();

/**
 * Takes what a check measures from now on as that of a new run.
 * @returns what this run has measured so far, in the order of the declaration
 */
export function beginMeasuring(check: Measuring): () => readonly MeasuredValue[] {
  const { measures } = check;
  if (measures === noMeasures) return () => nothing;
  const values = new Map<string, number>();
  measured.set(check, values);
  return () =>
    Object.entries(measures).flatMap(([name, { unit }]) => {
      const value = values.get(name);
      return value === undefined ? [] : [{ name, unit, value }];
    });
}

/**
 * Takes a number that the run under way has found. One that is not finite says nothing, and is not taken: the check's verdict
 * matters more than the number beside it.
 * @throws TypeError when the check declares no such measure
 */
export function takeMeasure(check: Measuring, name: string, value: number): void {
  if (!Object.hasOwn(check.measures, name)) {
    throw new TypeError(`the ${check.type} check declares no measure ${JSON.stringify(name)}`);
  }
  if (Number.isFinite(value)) measured.get(check)?.set(name, value);
}
