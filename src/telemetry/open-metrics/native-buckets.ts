import type { ExponentialDistribution } from "../../health/report.ts";

/** Consecutive buckets. */
interface Span {
  /** Of the first span, the index of its first bucket; of others, how many buckets are left out since the one before. */
  readonly offset: number;
  length: number;
}

/** The buckets of a native histogram that hold something. */
export interface NativeBuckets {
  readonly spans: readonly Span[];
  /** Of all spans, one after the other. */
  readonly counts: readonly number[];
}

/** Leaves out the empty buckets. A single one between others is kept, because a further span would take more. */
export function nativeBuckets({ firstIndex, counts: all }: ExponentialDistribution): NativeBuckets {
  const spans: Span[] = [];
  const counts: number[] = [];
  let span: Span | undefined;
  let nextIndex = 0;
  for (let slot = 0; slot < all.length; slot += 1) {
    const count = all[slot] ?? 0;
    if (count === 0) continue;
    const index = firstIndex + slot;
    const gap = index - nextIndex;
    if (span !== undefined && gap <= 1) {
      if (gap === 1) counts.push(0);
      span.length += gap + 1;
    } else {
      span = { offset: gap, length: 1 };
      spans.push(span);
    }
    counts.push(count);
    nextIndex = index + 1;
  }
  return { spans, counts };
}
