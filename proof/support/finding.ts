/** A measured value, beside the bound that it must keep. */
export interface Finding {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the value may be at most, must be at least, or must be; undefined when it is only reported. */
  readonly bound?: Bound | undefined;
}

type Bound = { readonly atMost: number } | { readonly atLeast: number } | { readonly exactly: number };

/** Whether the finding keeps its bound. What could not be measured does not. */
export function isKept({ value, bound }: Finding): boolean {
  if (bound === undefined) return true;
  if ("exactly" in bound) return value === bound.exactly;
  return "atMost" in bound ? value <= bound.atMost : value >= bound.atLeast;
}

/** The findings that do not keep their bounds, in words. */
export function broken(findings: readonly Finding[]): string[] {
  return findings.filter((finding) => !isKept(finding)).map((finding) => `${finding.name}: ${inWords(finding)}`);
}

function inWords(finding: Finding): string {
  return `${figure(finding.value, finding.unit)}, ${boundInWords(finding)}`;
}

/** The bound as a table shows it. */
export function boundInWords({ bound, unit }: Finding): string {
  if (bound === undefined) return "";
  if ("exactly" in bound) return `exactly ${figure(bound.exactly, unit)}`;
  return "atMost" in bound ? `at most ${figure(bound.atMost, unit)}` : `at least ${figure(bound.atLeast, unit)}`;
}

/** A number with as many digits as mean something. */
export function figure(value: number, unit: string): string {
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  const text = Number.isFinite(value) ? value.toFixed(digits) : String(value);
  return unit === "" ? text : `${text} ${unit}`;
}
