import { type Markup, markup } from "../../formats/markup.ts";
import type { HistorySpan, MeasuredBucket, MeasureHistory } from "../../health/history/history.ts";
import { spanWords } from "../history-bars.ts";
import { clock, moment } from "../moment.ts";
import { linePath } from "./line-path.ts";
import { printMeasured } from "./print-measured.ts";

const height = 40;
/** Room for the width of the line, above and below. */
const margin = 2;

/** What was measured, as a line through the mean of each bucket, with a band from the lowest to the highest value. */
export function measureChart(history: MeasureHistory, span: HistorySpan): Markup | undefined {
  const { name, unit, buckets } = history;
  const [lowest, highest] = rangeOf(history);
  if (lowest === undefined || highest === undefined) return undefined;
  const y = (value: number): number => {
    // Each divided first: the difference of two numbers may be larger than the largest.
    const range = highest / 2 - lowest / 2;
    const share = range > 0 ? (value / 2 - lowest / 2) / range : 0.5;
    return Number((height - margin - (height - 2 * margin) * share).toFixed(1));
  };
  const bands = buckets.flatMap(({ values }, index) => {
    if (values === undefined || values.minimum === values.maximum) return [];
    const [top, bottom] = [y(values.maximum), y(values.minimum)];
    return markup`<rect class="band" x="${index}" y="${top}" width="1" height="${Number((bottom - top).toFixed(1))}"/>`;
  });
  const tooltips = buckets.flatMap((bucket, index) =>
    bucket.values === undefined
      ? []
      : markup`<rect class="tip" x="${index}" width="1" height="${height}"><title>${tooltip(bucket, unit)}</title></rect>`,
  );
  const means = linePath(
    buckets.map(({ values }) => values?.mean),
    y,
  );
  const range = rangeWords(lowest, highest, unit);
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${buckets.length} ${height}" preserveAspectRatio="none" role="img" aria-label="${name} in the last ${spanWords[span]}: ${range}">${bands}<path d="${means}"/>${tooltips}</svg><span class="muted">${range}</span>`;
}

/** The same as numbers, for those who do not see it. */
export function measureTable({ name, unit, buckets }: MeasureHistory): Markup {
  const rows = buckets
    .toReversed()
    .map(
      ({ startsAt, values }) =>
        values &&
        markup`<tr><th scope="row">${moment(startsAt)}</th><td>${print(values.minimum, unit)}</td><td>${print(values.mean, unit)}</td><td>${print(values.maximum, unit)}</td></tr>\n`,
    );
  return markup`<table><caption>${name}</caption><thead><tr><th scope="col">From</th><th scope="col">Lowest</th><th scope="col">Mean</th><th scope="col">Highest</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function rangeOf({ buckets }: MeasureHistory): readonly [lowest: number | undefined, highest: number | undefined] {
  let [lowest, highest]: [number | undefined, number | undefined] = [undefined, undefined];
  for (const { values } of buckets) {
    if (values === undefined) continue;
    lowest = Math.min(lowest ?? values.minimum, values.minimum);
    highest = Math.max(highest ?? values.maximum, values.maximum);
  }
  return [lowest, highest];
}

function rangeWords(lowest: number, highest: number, unit: string): string {
  if (lowest === highest) return `always ${print(lowest, unit)}`;
  return `${print(lowest, unit)} to ${print(highest, unit)}`;
}

function tooltip({ startsAt, endsAt, values }: MeasuredBucket, unit: string): string {
  const { minimum = 0, mean = 0, maximum = 0 } = values ?? {};
  const when = `${clock(startsAt)} to ${clock(endsAt)} UTC`;
  if (minimum === maximum) return `${when}: ${print(mean, unit)}`;
  return `${when}: ${print(mean, unit)} in the mean, ${rangeWords(minimum, maximum, unit)}`;
}

function print(value: number, unit: string): string {
  return printMeasured({ unit, value });
}
