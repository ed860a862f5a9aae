import { describe, expect, it } from "vitest";
import type { Reason } from "../../src/health/errors.ts";
import type { CheckReport } from "../../src/health/report.ts";
import { durations } from "../../src/page/durations.ts";
import { sampleCheck } from "../support/sample-reports.ts";

const bounds = [0.01, 0.1, 1];

/** A check with so many runs up to each bound, and beyond the last: healthy ones and those that failed. */
function checkWith(healthy: readonly number[], failed: Partial<Record<Reason, readonly number[]>> = {}): CheckReport {
  const distribution = (counts: readonly number[]) => {
    const count = counts.reduce((sum, each) => sum + each, 0);
    return { bounds, counts, sum: count, count, exemplars: counts.map(() => undefined) };
  };
  const reasons = Object.entries(failed) as [Reason, readonly number[]][];
  return {
    ...sampleCheck("database"),
    durations: new Map([
      [undefined, distribution(healthy)] as const,
      ...reasons.map(([reason, counts]) => [reason, distribution(counts)] as const),
    ]),
  };
}

/** What a row says, and its bars: where each begins and how wide it is, of how much. */
function rowsOf(check: CheckReport) {
  const page = String(durations(check)?.toString() ?? "");
  return [...page.matchAll(/<tr><th scope="row".*?<\/tr>/gs)].map(([row]) => {
    const attribute = (pattern: RegExp): number => Number(pattern.exec(row)?.[1]);
    return {
      bound: /class="bound">([^<]*)</.exec(row)?.[1],
      runs: /class="runs">([^<]*)</.exec(row)?.[1],
      of: attribute(/viewBox="0 0 ([\d.]+) 1"/),
      healthy: attribute(/class="healthy" width="([\d.]+)"/),
      failedFrom: attribute(/class="unhealthy" x="([\d.]+)"/),
      failed: attribute(/class="unhealthy" x="[\d.]+" width="([\d.]+)"/),
    };
  });
}

describe("the durations of a check", () => {
  it("are not there before the first run", () => {
    expect(durations(checkWith([0, 0, 0, 0]))).toBeUndefined();
    expect(durations({ ...sampleCheck("database"), durations: new Map() })).toBeUndefined();
  });

  it("show runs of every reason, the failed ones beside the healthy ones", () => {
    expect(rowsOf(checkWith([0, 50, 30, 0], { timeout: [0, 0, 10, 0], dns: [0, 0, 5, 0] }))).toEqual([
      { bound: "100 ms", runs: "50", of: 50, healthy: 50, failedFrom: 50, failed: 0 },
      { bound: "1 s", runs: "30, 15 failed", of: 50, healthy: 30, failedFrom: 30, failed: 15 },
    ]);
  });

  it("show the runs that took longer than any bound", () => {
    expect(rowsOf(checkWith([1, 0, 0, 0], { timeout: [0, 0, 0, 2000] }))).toEqual([
      { bound: "10 ms", runs: "1", of: 2000, healthy: 8, failedFrom: 8, failed: 0 },
      { bound: "100 ms", runs: "", of: 2000, healthy: 0, failedFrom: 0, failed: 0 },
      { bound: "1 s", runs: "", of: 2000, healthy: 0, failedFrom: 0, failed: 0 },
      { bound: "longer", runs: "2,000 failed", of: 2000, healthy: 0, failedFrom: 0, failed: 2000 },
    ]);
  });
});
