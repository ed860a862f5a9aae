/** A histogram of `/metrics` that has no labels of its own: upper bounds and how many values are at most so large. */
export type Buckets = ReadonlyMap<number, number>;

/** Reads the buckets of a family from Prometheus' text format; several series are added up. */
export function bucketsOf(text: string, family: string): Buckets {
  const buckets = new Map<number, number>();
  for (const [, bound, count] of text.matchAll(new RegExp(`^${family}_bucket\\{[^}]*le="([^"]+)"\\} (\\d+)`, "gm"))) {
    const upper = bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound);
    buckets.set(upper, (buckets.get(upper) ?? 0) + Number(count));
  }
  return buckets;
}

/**
 * The value below which so large a share of what came between two readings is, as Prometheus' `histogram_quantile`
 * guesses it: evenly spread within its bucket.
 */
export function quantileBetween(before: Buckets, after: Buckets, share: number): number {
  const bounds = [...after.keys()].sort((one, other) => one - other);
  const counts = bounds.map((bound) => (after.get(bound) ?? 0) - (before.get(bound) ?? 0));
  const wanted = share * (counts.at(-1) ?? 0);
  const index = counts.findIndex((count) => count >= wanted);
  const [lower = 0, upper = Number.NaN] = [bounds[index - 1], bounds[index]];
  if (upper === Number.POSITIVE_INFINITY) return upper;
  const [below = 0, within = 0] = [counts[index - 1], counts[index]];
  return within === below ? lower : lower + ((upper - lower) * (wanted - below)) / (within - below);
}
