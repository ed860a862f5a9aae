/** A number as the text formats write it. */
export function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return `${value}`;
}

const boundTexts = new WeakMap<readonly number[], readonly string[]>();

/** The bounds of a histogram as values of `le`; the last one is that of the bucket without an upper bound. */
export function boundTextsOf(bounds: readonly number[]): readonly string[] {
  let texts = boundTexts.get(bounds);
  if (texts === undefined) {
    texts = [...bounds.map(canonicalNumber), "+Inf"];
    boundTexts.set(bounds, texts);
  }
  return texts;
}

/**
 * A number as OpenMetrics wants it in a label, where `1` and `1.0` would be two series: as Go's `%g` writes it, with `.0`
 * behind a whole number (OpenMetrics 1.0, "Considerations: Canonical Numbers").
 */
export function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) return numberText(value);
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power < -4 || power >= 6) {
    return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  return Number.isInteger(value) ? `${value}.0` : `${value}`;
}
