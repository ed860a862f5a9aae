/** A histogram of `/metrics`: upper bounds and how many values are at most so large. */
export type Buckets = ReadonlyMap<number, number>;

/**
 * Reads the buckets of a family from Prometheus' text format; several series are added up.
 * @param label what stands among the labels of the series that are read, such as `type="http"`. Default: all are
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

/** What came between two readings of a histogram: how often each bucket was met. */
export function bucketsBetween(before: Buckets, after: Buckets): Buckets {
  return new Map([...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]));
}

/** The sum of a family's values, of the same series as those of {@link bucketsOf}; not a number without any. */
export function sumOf(text: string, family: string, label = ""): number {
  const lines = [...text.matchAll(new RegExp(`^${family}_sum\\{([^}]*)\\} (\\S+)`, "gm"))];
  const values = lines.filter(([, labels = ""]) => labels.includes(label)).map(([, , value]) => Number(value));
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0);
}

/**
 * The value below which so large a share of what came between two readings is, as Prometheus' `histogram_quantile`
 * guesses it: evenly spread within its bucket. Not a number when nothing came, or there is no such histogram.
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
