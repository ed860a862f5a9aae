import type { Histogram } from "@opentelemetry/sdk-metrics";
import type { ExponentialDistribution } from "../../health/report.ts";
import { nativeBuckets } from "./native-buckets.ts";
import { boundTextsOf, numberText } from "./number-text.ts";

/**
 * A histogram as OpenMetrics 2.0.0-rc0 writes it, in one value: count and sum, then the native buckets, then the classic ones
 * ("Histogram with both Classic and Native Buckets").
 * @param exponential undefined when there are only classic buckets
 */
export function compositeValue(
  { buckets: { boundaries, counts }, sum, count }: Histogram,
  exponential: ExponentialDistribution | undefined,
): string {
  const fields = [`count:${count}`, `sum:${numberText(sum ?? Number.NaN)}`];
  if (exponential !== undefined) fields.push(...nativeFields(exponential));
  if (exponential === undefined || boundaries.length > 0) fields.push(`bucket:[${classicBuckets(boundaries, counts)}]`);
  return `{${fields.join(",")}}`;
}

function nativeFields(distribution: ExponentialDistribution): readonly string[] {
  const { schema, zeroThreshold, zeroCount } = distribution;
  const fields = [`schema:${schema}`, `zero_threshold:${numberText(zeroThreshold)}`, `zero_count:${zeroCount}`];
  const { spans, counts } = nativeBuckets(distribution);
  if (counts.length === 0) return fields;
  const positive = spans.map(({ offset, length }) => `${offset}:${length}`);
  return [...fields, `positive_spans:[${positive.join(",")}]`, `positive_buckets:[${counts.join(",")}]`];
}

function classicBuckets(boundaries: readonly number[], counts: readonly number[]): string {
  const bounds = boundTextsOf(boundaries);
  let cumulated = 0;
  const buckets = bounds.flatMap((bound, bucket) => {
    cumulated += counts[bucket] ?? 0;
    // Of equal bounds only the last one is written, which holds what the others hold.
    return bound === bounds[bucket + 1] ? [] : [`${bound}:${cumulated}`];
  });
  return buckets.join(",");
}
