import { runDuration, wholeNumber } from "../formats/elapsed.ts";
import { type Markup, markup } from "../formats/markup.ts";
import type { CheckReport } from "../health/report.ts";

/** How many runs, healthy and failed, took up to a bound. */
interface Bucket {
  readonly bound: string;
  readonly healthy: number;
  readonly failed: number;
}

/** The durations of a check's runs since the process started, as bars; nothing before the first run. */
export function durations(report: CheckReport): Markup | undefined {
  const buckets = filledBuckets(report);
  if (buckets.length === 0) return undefined;
  const highest = Math.max(...buckets.map(({ healthy, failed }) => healthy + failed));
  const rows = buckets.map(({ bound, healthy, failed }) => {
    // So that one run among thousands is visible.
    const visible = (count: number): number => (count === 0 ? 0 : Math.max(count, highest / 250));
    return markup`<tr><th scope="row" class="bound">${bound}</th><td><svg xmlns="http://www.w3.org/2000/svg" class="bar" viewBox="0 0 ${highest} 1" preserveAspectRatio="none" aria-hidden="true"><rect class="healthy" width="${visible(healthy)}" height="1"/><rect class="unhealthy" x="${visible(healthy)}" width="${visible(failed)}" height="1"/></svg></td><td class="runs">${runsText(healthy, failed)}</td></tr>\n`;
  });
  return markup`<section><h2>Run durations</h2>
<div class="card"><table class="durations"><thead><tr><th scope="col" class="bound">Up to</th><th scope="col">Share</th><th scope="col" class="runs">Runs</th></tr></thead><tbody>${rows}</tbody></table></div></section>
`;
}

function runsText(healthy: number, failed: number): string {
  if (failed === 0) return healthy === 0 ? "" : wholeNumber(healthy);
  const failures = `${wholeNumber(failed)} failed`;
  return healthy === 0 ? failures : `${wholeNumber(healthy)}, ${failures}`;
}

/** The buckets from the first to the last that contains a run. */
function filledBuckets({ durations: byReason }: CheckReport): readonly Bucket[] {
  const bounds = [...byReason.values()][0]?.bounds ?? [];
  const buckets = [...bounds, undefined].map((bound, index) => {
    let healthy = 0;
    let failed = 0;
    for (const [reason, { counts }] of byReason) {
      if (reason === undefined) healthy += counts[index] ?? 0;
      else failed += counts[index] ?? 0;
    }
    return { bound: bound === undefined ? "longer" : runDuration(bound), healthy, failed };
  });
  const isFilled = ({ healthy, failed }: Bucket): boolean => healthy + failed > 0;
  const first = buckets.findIndex(isFilled);
  return first < 0 ? [] : buckets.slice(first, buckets.findLastIndex(isFilled) + 1);
}
