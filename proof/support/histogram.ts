/** A histogram of `/metrics`: the number of values up to each upper bound. */
export type Buckets = ReadonlyMap<number, number>;

/**
 * Reads the buckets of a family from Prometheus' text format, and adds up its series.
 * @param label only series whose labels contain this text are read, such as `type="http"`. Default: all
 */
export function bucketsOf(text: string, family: string, label = ""): Buckets {
  const buckets = new Map<number, number>();
  const lines = new RegExp(`^${family}_bucket\\{([^}]*)le="([^"]+)"\\} (\\d+)`, "gm");
  for (const [, labels = "", bound, count] of text.matchAll(lines)) {
    if (!labels.includes(label)) continue;
    const upper = bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound);
    buckets.set(upper, (buckets.get(upper) ?? 0) + Number(count));
  }
  return buckets;
}

/** What was added to each bucket between two readings of a histogram. */
export function bucketsBetween(before: Buckets, after: Buckets): Buckets {
  return new Map([...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]));
}

/** The sum of a family's values, of the same series as in {@link bucketsOf}; NaN without any. */
export function sumOf(text: string, family: string, label = ""): number {
  const lines = [...text.matchAll(new RegExp(`^${family}_sum\\{([^}]*)\\} (\\S+)`, "gm"))];
  const values = lines.filter(([, labels = ""]) => labels.includes(label)).map(([, , value]) => Number(value));
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0);
}

/**
 * The quantile of the values added between two readings, as Prometheus' `histogram_quantile` estimates it: they are taken to
 * be evenly spread within their bucket. NaN when none were added, or there is no such histogram.
 */
export function quantileBetween(before: Buckets, after: Buckets, share: number): number {
  const between = bucketsBetween(before, after);
  const bounds = [...between.keys()].toSorted((one, other) => one - other);
  const counts = bounds.map((bound) => between.get(bound) ?? 0);
  const total = counts.at(-1) ?? 0;
  if (total <= 0) return Number.NaN;
  const wanted = share * total;
  const index = counts.findIndex((count) => count >= wanted);
  const [lower = 0, upper = Number.NaN] = [bounds[index - 1], bounds[index]];
  if (upper === Number.POSITIVE_INFINITY) return upper;
  const [below = 0, within = 0] = [counts[index - 1], counts[index]];
  return within === below ? lower : lower + ((upper - lower) * (wanted - below)) / (within - below);
}
