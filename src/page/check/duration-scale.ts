/** An axis of durations that begins at zero. */
export interface DurationScale {
  /** Where it ends, in seconds. */
  readonly endSeconds: number;
  /** What is marked on it, from zero to its end: `0`, `50 ms`, `100 ms`. */
  readonly marks: readonly { readonly seconds: number; readonly text: string }[];
}

/** What durations are told in, and from how long a longest one on. */
const units = [
  { name: "h", seconds: 3600, from: 3 * 3600 },
  { name: "min", seconds: 60, from: 180 },
  { name: "s", seconds: 1, from: 1 },
  { name: "ms", seconds: 0.001, from: 0.001 },
  { name: "µs", seconds: 0.000_001, from: 0 },
] as const;

const maxSteps = 4;
/** A microsecond: nothing that is measured is shorter. */
const shortestSeconds = 0.000_001;

/** The axis for durations up to the longest, in the unit that fits it, with marks at round numbers. */
export function durationScale(longestSeconds: number): DurationScale {
  const longest = Math.max(longestSeconds, shortestSeconds);
  const unit = units.find(({ from }) => longest >= from) ?? units[units.length - 1];
  const name = unit?.name ?? "s";
  const unitSeconds = unit?.seconds ?? 1;
  const step = roundStep(longest / unitSeconds / maxSteps);
  const steps = Math.max(1, Math.ceil(longest / unitSeconds / step - 1e-9));
  const marks = Array.from({ length: steps + 1 }, (_, index) => {
    const value = Number((index * step).toPrecision(12));
    return { seconds: value * unitSeconds, text: index === 0 ? "0" : `${value} ${name}` };
  });
  return { endSeconds: steps * step * unitSeconds, marks };
}

/** The smallest of 1, 2, 2.5 and 5 times a power of ten that is at least as large. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 2.5, 5, 10].find((each) => each * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}
