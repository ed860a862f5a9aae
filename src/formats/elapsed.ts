const units = [
  { name: "d", milliseconds: 86_400_000 },
  { name: "h", milliseconds: 3_600_000 },
  { name: "min", milliseconds: 60_000 },
  { name: "s", milliseconds: 1000 },
] as const;

/**
 * How long something lasted or ago it was, in at most two neighbouring units: `3 d 4 h`, `12 min`, `0 s`. Minutes are
 * told without seconds from ten on: nobody counts them. What lies in the future, as after a clock was set, is `0 s`.
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

/** How long a run took, in three figures: `812 µs`, `12.3 ms`, `1.24 s`, `30 s`. */
export function runDuration(seconds: number): string {
  if (seconds < 0.001) return `${Math.round(seconds * 1_000_000)} µs`;
  if (seconds < 1) return `${threeFigures(seconds * 1000)} ms`;
  return `${threeFigures(seconds)} s`;
}

function threeFigures(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** A whole number as people read it: `1,200`. Without `Intl`, which holds megabytes as long as the process lives. */
export function wholeNumber(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}
