import { describe, expect, it } from "vitest";
import type { HistoryBucket } from "../../../src/health/history/history.ts";
import { responseChart } from "../../../src/page/check/response-chart.ts";
import { sampleTime } from "../../support/sample-reports.ts";
import { readWellFormed } from "../../support/well-formed.ts";

const quarter = 900_000;
const start = Math.floor(sampleTime / quarter) * quarter - 95 * quarter;

/** A day in buckets, each with 60 runs unless something else is said of it. */
function day(bucketAt: (index: number) => Partial<HistoryBucket> = () => ({})): readonly HistoryBucket[] {
  const seconds = { healthy: 900, degraded: 0, unhealthy: 0, unknown: 0, skipped: 0, maintenance: 0 };
  return Array.from({ length: 96 }, (_, index) => ({
    startsAt: start + index * quarter,
    endsAt: start + (index + 1) * quarter,
    seconds,
    runs: 60,
    failures: 0,
    p50: 0.02,
    p95: 0.04,
    ...bucketAt(index),
  }));
}

const nothing = { runs: 0, p50: undefined, p95: undefined } as const;
const chartOf = (buckets: readonly HistoryBucket[]): string => {
  const chart = responseChart(buckets, "24h").toString();
  readWellFormed(`<div>${chart}</div>`);
  return chart;
};
const pathOf = (chart: string, name: string): string =>
  new RegExp(`<path class="${name}" d="([^"]*)"`).exec(chart)?.[1] ?? "";

describe("the chart of response times", () => {
  it("says in a sentence what it shows", () => {
    const chart = chartOf(day((index) => (index === 7 ? { failures: 3, p95: 0.5 } : {})));
    expect(chart).toContain(
      'aria-label="Response times of the last 24 hours: p50 from 20 ms to 20 ms, p95 from 40 ms to 500 ms; 3 of 5,760 runs failed."',
    );
  });

  it("has a line each for p50 and p95, in the scale of the longest", () => {
    const chart = chartOf(day());
    expect(pathOf(chart, "median")).toMatch(/^M0\.5 75h\.01L1\.5 75L/);
    expect(pathOf(chart, "high")).toMatch(/^M0\.5 0h\.01L1\.5 0L/);
    expect(chart).toContain(">40 ms</text>");
  });

  it("has gaps where nothing ran, and a dot for a bucket alone", () => {
    const chart = chartOf(day((index) => (index < 10 || index === 12 ? {} : nothing)));
    expect(pathOf(chart, "median").match(/M/g)).toHaveLength(2);
    expect(pathOf(chart, "median")).toMatch(/M12\.5 75h\.01$/);
  });

  it("has a tick for each bucket with failures", () => {
    const chart = chartOf(day((index) => (index % 40 === 0 ? { failures: 1 } : {})));
    expect(chart.match(/<rect class="failed"/g)).toHaveLength(3);
    expect(chart).toContain("failed runs");
    expect(chartOf(day())).not.toContain("failed runs");
  });

  it("has the same numbers in a table, the latest first, without the times in which nothing ran", () => {
    const chart = chartOf(day((index) => (index === 95 ? { failures: 2, runs: 7 } : index < 50 ? nothing : {})));
    const rows = [...chart.matchAll(/<tr><th scope="row">.*?<\/tr>/g)].map(([row]) => row);
    expect(rows).toHaveLength(46);
    expect(rows[0]).toMatch(/<td>20 ms<\/td><td>40 ms<\/td><td>7<\/td><td>2<\/td>/);
  });

  it("says so when nothing ran", () => {
    expect(chartOf(day(() => nothing))).toContain("Nothing has run in the last 24 hours.");
    expect(chartOf([])).toContain("Nothing has run in the last 24 hours.");
  });

  it("is of a size that a page can bear", () => {
    expect(chartOf(day()).length).toBeLessThan(45_000);
  });
});
