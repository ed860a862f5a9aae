import { describe, expect, it } from "vitest";
import { broken } from "../../../../proof/support/finding.ts";
import { growth, judge } from "../../../../proof/support/scale/scale-findings.ts";
import type { ScaleMeasurement } from "../../../../proof/support/scale/scale-measurement.ts";

const scrapes = { count: 8, planned: 7, failed: 0, samples: 26_000, longestSeconds: 0.3, headSeries: 260_100 };

function measured(checks: number, changes: Partial<ScaleMeasurement> = {}): ScaleMeasurement {
  return {
    checks,
    runsPerSecond: checks / 15,
    plannedRunsPerSecond: checks / 15,
    cores: checks / 40_000,
    memoryMegabytes: 120 + checks / 50,
    peakMemoryMegabytes: 120 + checks / 50,
    lag99Seconds: 0.01,
    eventLoopDelay99Seconds: 0.01,
    answers: 240,
    health99Milliseconds: 10,
    healthMedianMilliseconds: 5,
    healthBytes: 18_000,
    failedAnswers: 0,
    scrapes,
    exitCode: 0,
    ...changes,
  };
}

const bounds = { cores: 0.3, memoryMegabytes: 450, lagSeconds: 0.1, healthMilliseconds: 50, seriesOfCheck: 26 };

describe("judge", () => {
  it.each([
    ["nothing", {}, []],
    ["scrapes that Prometheus does not report", { scrapes: { ...scrapes, count: Number.NaN } }, ["Scrapes by"]],
    ["too few scrapes", { scrapes: { ...scrapes, count: 6 } }, ["Scrapes by"]],
    ["series without an end", { scrapes: { ...scrapes, headSeries: 300_000 } }, ["Series in the head"]],
    ["a lag that was not measured", { lag99Seconds: Number.NaN }, ["Scheduler lag"]],
    ["runs that were left out", { runsPerSecond: 500 }, ["Runs, as a share"]],
  ])("objects to %s", (_, changes, names) => {
    const objections = broken(judge(measured(10_000, changes), bounds));
    expect(objections).toEqual(names.map((name) => expect.stringMatching(`^${name}`)));
  });
});

describe("growth", () => {
  const objections = (changes: Partial<ScaleMeasurement>): readonly string[] => {
    const sizes = [measured(1000), measured(3000), measured(10_000), measured(30_000, changes)];
    return growth(sizes).flatMap(({ findings }) => broken(findings));
  };

  it("accepts costs in proportion", () => {
    expect(objections({})).toEqual([]);
  });

  it.each([
    ["processor time", { cores: 30_000 / 25_000 }, "Processor time of 1,000 checks"],
    ["memory", { memoryMegabytes: 900 }, "Resident memory of each additional check"],
    ["runs that were left out", { runsPerSecond: 1500 }, "Runs, as a share"],
    ["answers that failed", { failedAnswers: 1 }, "Answers that were not 200"],
    ["an end in failure", { exitCode: 1 }, "Exit code"],
  ])("objects to more %s at one size", (_, changes, name) => {
    expect(objections(changes)).toEqual([expect.stringMatching(`^${name}`)]);
  });
});
