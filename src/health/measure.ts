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
const takeNothing = (): readonly MeasuredValue[] => nothing;

/** One run; most runs of most checks measure nothing. */
interface MeasuringRun {
  values: Map<string, number> | undefined;
}

/** The run under way of each check, or the last one. */
const runs = new WeakMap<Measuring, MeasuringRun>();

/**
 * Takes what a check measures from now on as that of a new run.
 * @returns what this run has measured so far, in the order of the declaration
 */
export function beginMeasuring(check: Measuring): () => readonly MeasuredValue[] {
  const { measures } = check;
  if (measures === noMeasures) return takeNothing;
  const run: MeasuringRun = { values: undefined };
  runs.set(check, run);
  return () => {
    const { values } = run;
    if (values === undefined) return nothing;
    return Object.entries(measures).flatMap(([name, { unit }]) => {
      const value = values.get(name);
      return value === undefined ? [] : [{ name, unit, value }];
    });
  };
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
  const run = runs.get(check);
  if (run === undefined || !Number.isFinite(value)) return;
  run.values ??= new Map();
  run.values.set(name, value);
}

/** @throws TypeError when a measure cannot be called so */
export function refuseMeasureNames(names: readonly string[]): void {
  for (const name of names) {
    // In health+json the name stands beside the response time, behind a colon.
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name) || name === "responseTime") {
      throw new TypeError(`a measure cannot be called ${JSON.stringify(name)}`);
    }
  }
}
