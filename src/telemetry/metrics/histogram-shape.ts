import { z } from "zod";
import { durationBounds } from "../names.ts";

/** What histograms of durations hold: buckets with the given bounds, exponential ones, both, or nothing at all. */
export const histogramKinds = ["classic", "native", "both", "none"] as const;

export type HistogramKind = (typeof histogramKinds)[number];

/** How durations are counted. */
export interface HistogramShape {
  /** `none` holds for the runs of checks alone; what the process tells of itself then has both kinds of buckets. */
  readonly kind: HistogramKind;
  /** Upper bounds of the classic buckets in seconds, ascending. */
  readonly bounds: readonly number[];
}

export const classicShape: HistogramShape = { kind: "classic", bounds: durationBounds };
export const defaultShape: HistogramShape = { kind: "both", bounds: durationBounds };

const maxBuckets = 50;
const boundMessage = "must be a number of seconds above 0";

/** The bounds of classic buckets, in a configuration and in code alike. */
export const bucketsField = z
  .array(z.number(boundMessage).positive(boundMessage))
  .min(1, "must have at least one bound; for none, set histogram to native")
  .max(maxBuckets, `must have at most ${maxBuckets} bounds`)
  .refine(
    (bounds) => bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] ?? 0)),
    "must be in ascending order, without repetitions",
  );

/** Whether there are buckets with the given bounds. */
export function isClassic(kind: HistogramKind): boolean {
  return kind === "classic" || kind === "both";
}

/** Whether there are exponential buckets. */
export function isNative(kind: HistogramKind): boolean {
  return kind === "native" || kind === "both";
}
