import { runDuration, wholeNumber } from "../../formats/elapsed.ts";
import { type Markup, markup } from "../../formats/markup.ts";
import type { HistoryBucket, HistorySpan } from "../../health/history/history.ts";
import { spanWords } from "../history-bars.ts";
import { clock, moment } from "../moment.ts";
import { type DurationScale, durationScale } from "./duration-scale.ts";
import { linePath } from "./line-path.ts";
import { isOfDay, timeMarks } from "./time-marks.ts";

/** In pixels: the width is that of the page, and every x a share of it, so that text is as large on a phone. */
const plotTop = 18;
const plotHeight = 150;
const plotBottom = plotTop + plotHeight;
const tickHeight = 10;
const height = plotBottom + 22;

/**
 * The response times of a check: the median and the 95th percentile of each bucket as lines, with a tick for each in which
 * runs failed, and the same numbers as a table.
 */
export function responseChart(buckets: readonly HistoryBucket[], span: HistorySpan): Markup {
  const [first, last] = [buckets[0], buckets.at(-1)];
  const runs = buckets.reduce((sum, bucket) => sum + bucket.runs, 0);
  if (first === undefined || last === undefined || runs === 0) {
    return markup`<p class="card none">Nothing has run in the last ${spanWords[span]}.</p>`;
  }
  const longest = Math.max(...buckets.map(({ p50 = 0, p95 = 0 }) => Math.max(p50, p95)));
  const scale = durationScale(longest);
  const [from, to] = [first.startsAt, last.endsAt];
  const share = (at: number): number => rounded((100 * (at - from)) / (to - from));
  const ofDay = isOfDay(span);
  const hours = timeMarks(span, from, to).map(
    ({ at, text }) =>
      markup`<line class="grid" x1="${share(at)}%" x2="${share(at)}%" y1="${plotTop}" y2="${plotBottom}"/><text x="${share(at)}%" y="${plotBottom + 16}" text-anchor="middle"${ofDay && markup` data-at="${at}"`}>${text}</text>`,
  );
  const failed = buckets.reduce((sum, { failures }) => sum + failures, 0);
  return markup`<div class="card chart"><svg xmlns="http://www.w3.org/2000/svg" width="100%" height="${height}" role="img" aria-label="${summary(buckets, span, runs, failed)}">${levels(scale)}${hours}<svg y="${plotTop}" width="100%" height="${plotHeight}" viewBox="0 0 ${buckets.length} ${plotHeight}" preserveAspectRatio="none">${lines(buckets, scale)}</svg></svg>
<p class="legend"><span class="median">${sample} p50</span> <span class="high">${sample} p95</span> ${failed > 0 && markup`<span class="unhealthy">${tickSample} failed runs</span> `}<span class="muted"${ofDay && markup` data-zone=""`}>Times are in UTC.</span></p>
<details><summary>The chart as a table</summary><div class="numbers" role="region" aria-label="The chart as a table" tabindex="0">${table(buckets)}</div></details></div>`;
}

const sample = markup`<svg xmlns="http://www.w3.org/2000/svg" class="line" viewBox="0 0 20 10" aria-hidden="true"><path d="M1 5H19"/></svg>`;
const tickSample = markup`<svg xmlns="http://www.w3.org/2000/svg" class="line" viewBox="0 0 20 10" aria-hidden="true"><path class="failed" d="M8 0h4v10h-4z"/></svg>`;

/** What the chart shows, for those who do not see it. */
function summary(buckets: readonly HistoryBucket[], span: HistorySpan, runs: number, failed: number): string {
  const range = (name: "p50" | "p95"): string => {
    const values = buckets.flatMap((bucket) => bucket[name] ?? []);
    return `${name} from ${runDuration(Math.min(...values))} to ${runDuration(Math.max(...values))}`;
  };
  return `Response times of the last ${spanWords[span]}: ${range("p50")}, ${range("p95")}; ${wholeNumber(failed)} of ${wholeNumber(runs)} runs failed.`;
}

/** The marks of the durations: a line across, and its text above it. */
function levels({ marks, endSeconds }: DurationScale): readonly Markup[] {
  return marks.map(({ seconds, text }) => {
    const y = rounded(plotBottom - (plotHeight * seconds) / endSeconds);
    return markup`<line class="grid" x2="100%" y1="${y}" y2="${y}"/><text x="2" y="${y - 4}">${text}</text>`;
  });
}

/** In a plane of a unit for each bucket and a pixel of height: lines, ticks and tooltips. */
function lines(buckets: readonly HistoryBucket[], { endSeconds }: DurationScale): readonly Markup[] {
  const y = (seconds: number): number => rounded(plotHeight - (plotHeight * seconds) / endSeconds);
  const valuesOf = (name: "p50" | "p95"): readonly (number | undefined)[] => buckets.map((bucket) => bucket[name]);
  const ticks = buckets.flatMap(({ failures }, index) =>
    failures === 0
      ? []
      : markup`<rect class="failed" x="${index + 0.1}" y="${plotHeight - tickHeight}" width=".8" height="${tickHeight}"/>`,
  );
  const tooltips = buckets.flatMap((bucket, index) =>
    bucket.runs === 0
      ? []
      : markup`<rect class="tip" x="${index}" width="1" height="${plotHeight}"><title>${tooltip(bucket)}</title></rect>`,
  );
  return [
    markup`<path class="high" d="${linePath(valuesOf("p95"), y)}"/>`,
    markup`<path class="median" d="${linePath(valuesOf("p50"), y)}"/>`,
    ...ticks,
    ...tooltips,
  ];
}

function tooltip({ startsAt, endsAt, runs, failures, p50, p95 }: HistoryBucket): string {
  const times = p50 === undefined || p95 === undefined ? "" : `p50 ${runDuration(p50)}, p95 ${runDuration(p95)}, `;
  const failed = failures === 0 ? "" : `, ${wholeNumber(failures)} failed`;
  return `${clock(startsAt)} to ${clock(endsAt)} UTC: ${times}${wholeNumber(runs)} ${runs === 1 ? "run" : "runs"}${failed}`;
}

function table(buckets: readonly HistoryBucket[]): Markup {
  const rows = buckets
    .filter(({ runs }) => runs > 0)
    .toReversed()
    .map(
      ({ startsAt, runs, failures, p50, p95 }) =>
        markup`<tr><th scope="row">${moment(startsAt)}</th><td>${p50 !== undefined && runDuration(p50)}</td><td>${p95 !== undefined && runDuration(p95)}</td><td>${wholeNumber(runs)}</td><td>${wholeNumber(failures)}</td></tr>\n`,
    );
  return markup`<table><thead><tr><th scope="col">From</th><th scope="col">p50</th><th scope="col">p95</th><th scope="col">Runs</th><th scope="col">Failed</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
