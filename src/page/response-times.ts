import { runDuration } from "../formats/elapsed.ts";
import { type Markup, markup } from "../formats/markup.ts";
import type { HistoryBucket, HistorySpan } from "../health/history/history.ts";
import type { CheckReport, DurationDistribution, ExponentialDistribution } from "../health/report.ts";
import { spanWords } from "./history-bars.ts";

/** How many durations lie between two bounds, in seconds. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The duration that 95 % of a check's runs stayed below, with a tooltip: of the span, or without history since the start. */
export function p95(
  report: CheckReport,
  buckets: readonly HistoryBucket[] | undefined,
  span: HistorySpan,
): Markup | undefined {
  const ranges = buckets === undefined ? rangesOf(report) : buckets.flatMap(rangesOfBucket);
  const seconds = quantile(ranges, 0.95);
  if (seconds === undefined) return undefined;
  const when = buckets === undefined ? "since the start" : `of the last ${spanWords[span]}`;
  const duration = runDuration(seconds);
  return markup`<span title="95 % of the runs ${when} took at most ${duration}">${duration}</span>`;
}

/** What is known of a bucket's durations: half of its runs were at most as long as one, and all but a twentieth as another. */
function rangesOfBucket({ runs, p50, p95: high }: HistoryBucket): readonly Range[] {
  if (p50 === undefined || high === undefined || runs === 0) return [];
  return [
    { from: p50, to: p50, count: runs * 0.5 },
    { from: high, to: high, count: runs * 0.5 },
  ];
}

function rangesOf({ durations }: CheckReport): readonly Range[] {
  return [...durations.values()].flatMap(({ exponential, ...classic }) =>
    exponential === undefined ? classicRanges(classic) : exponentialRanges(exponential),
  );
}

function classicRanges({ bounds, counts }: DurationDistribution): readonly Range[] {
  return counts.map((count, index) => {
    const from = bounds[index - 1] ?? 0;
    return { from, to: bounds[index] ?? from, count };
  });
}

function exponentialRanges({ schema, zeroCount, zeroThreshold, firstIndex, counts }: ExponentialDistribution) {
  const boundOf = (index: number): number => 2 ** (index * 2 ** -schema);
  const ranges: Range[] = [{ from: 0, to: zeroThreshold, count: zeroCount }];
  for (let place = 0; place < counts.length; place += 1) {
    const index = firstIndex + place;
    ranges.push({ from: boundOf(index - 1), to: boundOf(index), count: counts[place] ?? 0 });
  }
  return ranges;
}

/** @returns undefined when there are no durations */
function quantile(ranges: readonly Range[], share: number): number | undefined {
  const filled = ranges.filter(({ count }) => count > 0).toSorted((a, b) => a.to - b.to);
  const wanted = share * filled.reduce((sum, { count }) => sum + count, 0);
  let before = 0;
  for (const { from, to, count } of filled) {
    // Halves and twentieths add up to a hair less than they should.
    if (before + count >= wanted * (1 - 1e-9)) return from + (to - from) * Math.min(1, (wanted - before) / count);
    before += count;
  }
  return filled.at(-1)?.to;
}

const height = 16;

/** The typical response time of each bucket as a line; nothing where there are fewer than two. */
export function sparkline(buckets: readonly HistoryBucket[], span: HistorySpan): Markup | undefined {
  const known = buckets.flatMap(({ p50 }) => p50 ?? []);
  if (known.length < 2) return undefined;
  const highest = Math.max(...known, Number.MIN_VALUE);
  const lowest = Math.min(...known);
  let path = "";
  let last: { readonly x: number; readonly y: number } | undefined;
  buckets.forEach(({ p50 }, x) => {
    if (p50 === undefined) {
      last = undefined;
      return;
    }
    const y = 1 + Math.round((height - 2) * (1 - p50 / highest));
    path += last === undefined ? `M${x} ${y}` : `l${x - last.x}${y < last.y ? "" : " "}${y - last.y}`;
    last = { x, y };
  });
  const label = `Median response times of the last ${spanWords[span]}: ${runDuration(lowest)} to ${runDuration(highest)}`;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="spark" viewBox="0 0 ${buckets.length} ${height}" preserveAspectRatio="none" role="img" aria-label="${label}"><title>${label}</title><path d="${path}"/></svg>`;
}
