const units = [
  { name: "d", milliseconds: 86_400_000 },
  { name: "h", milliseconds: 3_600_000 },
  { name: "min", milliseconds: 60_000 },
  { name: "s", milliseconds: 1000 },
] as const;

/**
 * A length of time in at most two adjacent units: `3 d 4 h`, `12 min`, `0 s`. From ten minutes on, seconds are left out.
 * A negative time, as after the clock was set back, is `0 s`.
 */
export function elapsed(milliseconds: number): string {
  const index = units.findIndex((unit) => milliseconds >= unit.milliseconds);
  const unit = units[index];
  if (unit === undefined) return "0 s";
  const count = Math.floor(milliseconds / unit.milliseconds);
  const text = `${count} ${unit.name}`;
  const next = units[index + 1];
  if (next === undefined || (next.name === "s" && count >= 10)) return text;
  const rest = Math.floor((milliseconds % unit.milliseconds) / next.milliseconds);
  return rest === 0 ? text : `${text} ${rest} ${next.name}`;
}

/** The duration of a run with three significant digits: `812 µs`, `12.3 ms`, `1.24 s`, `30 s`. */
export function runDuration(seconds: number): string {
  if (seconds < 0.001) return `${Math.round(seconds * 1_000_000)} µs`;
  if (seconds < 1) return `${threeDigits(seconds * 1000)} ms`;
  return `${threeDigits(seconds)} s`;
}

function threeDigits(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** A whole number with thousands separators: `1,200`. Not by `Intl`, which would keep megabytes in memory. */
export function wholeNumber(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}
