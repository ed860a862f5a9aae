import type { HistorySpan, MeasureHistory } from "../../health/history/history.ts";
import { divisions } from "../buckets/division.ts";
import { addMeasured, type MeasuredByNumber } from "../buckets/measured.ts";
import { readSpan, startOfSpan } from "./history-buckets.ts";
import type { Store } from "./store.ts";

/** What a check measured in a span that ends now, sorted by name. */
export function measureHistories(
  store: Store,
  name: string,
  span: HistorySpan,
  now: number,
): readonly MeasureHistory[] {
  const check = store.numberOf(name);
  if (check === undefined) return [];
  const { count, milliseconds } = divisions[span];
  const startsAt = startOfSpan(span, now);
  const sums = Array.from({ length: count }, (): MeasuredByNumber => new Map());
  readSpan(store, { checks: new Set([check]), span, now, depth: "all" }, (_, index, { measured }) => {
    const sum = sums[index];
    if (sum !== undefined && measured !== undefined) addMeasured(sum, measured);
  });
  const found = [...new Set(sums.flatMap((sum) => [...sum.keys()]))];
  const histories = found.flatMap((number): readonly MeasureHistory[] => {
    const measure = store.measure(number);
    if (measure === undefined) return []; // A damaged number names nothing.
    const buckets = sums.map((sum, index) => {
      const { minimum, mean, maximum } = sum.get(number) ?? {};
      const isKnown = minimum !== undefined && mean !== undefined && maximum !== undefined;
      const from = startsAt + index * milliseconds;
      return { startsAt: from, endsAt: from + milliseconds, values: isKnown ? { minimum, mean, maximum } : undefined };
    });
    return [{ ...measure, buckets }];
  });
  return histories.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
