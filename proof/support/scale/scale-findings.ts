import type { Finding } from "../finding.ts";
import type { ScaleMeasurement } from "./scale-measurement.ts";

/** What a number of checks may cost. */
export interface ScaleBounds {
  /** Share of a core; undefined when only the cost of a run is bounded. */
  readonly cores?: number;
  /** Processor time per run, including everything else that the server does meanwhile. */
  readonly runMilliseconds?: number;
  readonly memoryMegabytes: number;
  readonly lagSeconds: number;
  readonly healthMilliseconds: number;
  /** What Prometheus holds of each check, in series. */
  readonly seriesOfCheck?: number;
}

/** Puts what was measured beside its bounds. */
export function judge(measured: ScaleMeasurement, bounds: ScaleBounds): Finding[] {
  return [
    { name: "Processor time, of one core", value: measured.cores, unit: "", ...atMost(bounds.cores) },
    {
      name: "Processor time per run",
      value: (measured.cores * 1000) / measured.runsPerSecond,
      unit: "ms",
      ...atMost(bounds.runMilliseconds),
    },
    {
      name: "Resident memory at the end",
      value: measured.memoryMegabytes,
      unit: "MB",
      bound: { atMost: bounds.memoryMegabytes },
    },
    { name: "Resident memory, maximum", value: measured.peakMemoryMegabytes, unit: "MB" },
    {
      name: "Scheduler lag, 99th percentile",
      value: measured.lag99Seconds * 1000,
      unit: "ms",
      bound: { atMost: bounds.lagSeconds * 1000 },
    },
    { name: "Event loop delay, 99th percentile", value: measured.eventLoopDelay99Seconds * 1000, unit: "ms" },
    { name: "Answers of `/health/?format=json`", value: measured.answers, unit: "" },
    { name: "Time of an answer, median", value: measured.healthMedianMilliseconds, unit: "ms" },
    {
      name: "Time of an answer, 99th percentile",
      value: measured.health99Milliseconds,
      unit: "ms",
      bound: { atMost: bounds.healthMilliseconds },
    },
    { name: "Size of an answer", value: measured.healthBytes / 1000, unit: "kB" },
    { name: "Runs per second", value: measured.runsPerSecond, unit: "" },
    ...headSeries(measured, bounds.seriesOfCheck),
    ...soundness(measured),
  ];
}

/** Those that are not of a check: of the process, of the endpoint and of the scrape itself. */
const otherSeries = 200;

function headSeries({ checks, scrapes }: ScaleMeasurement, seriesOfCheck: number | undefined): Finding[] {
  if (scrapes === undefined) return [];
  const most = seriesOfCheck === undefined ? undefined : seriesOfCheck * checks + otherSeries;
  return [{ name: "Series in the head of Prometheus", value: scrapes.headSeries, unit: "", ...atMost(most) }];
}

/** Whether the server did all of its work while it was measured. */
function soundness({ runsPerSecond, plannedRunsPerSecond, ...measured }: ScaleMeasurement): Finding[] {
  const { failedAnswers, scrapes, exitCode } = measured;
  return [
    { name: "Answers that were not 200", value: failedAnswers, unit: "", bound: { atMost: 0 } },
    {
      name: "Runs, as a share of those scheduled",
      value: runsPerSecond / plannedRunsPerSecond,
      unit: "",
      bound: { atLeast: 0.9 },
    },
    ...(scrapes === undefined
      ? []
      : [
          { name: "Scrapes by Prometheus", value: scrapes.count, unit: "", bound: { atLeast: scrapes.planned } },
          { name: "Scrapes that failed", value: scrapes.failed, unit: "", bound: { atMost: 0 } },
          { name: "Samples per scrape", value: scrapes.samples, unit: "" },
          { name: "Time of a scrape, maximum", value: scrapes.longestSeconds, unit: "s" },
        ]),
    { name: "Exit code", value: exitCode ?? -1, unit: "", bound: { exactly: 0 } },
  ];
}

/** By how much two measurements of the same cost may differ. */
const tolerance = 1.2;

/** Whether the cost grows at most in proportion to the number of checks, and all of them ran at every size. */
export function growth(measurements: readonly ScaleMeasurement[]): { title: string; findings: Finding[] }[] {
  const [smallest] = measurements;
  if (smallest === undefined) return [];
  return measurements.map((measured, index) => {
    const times = measured.checks / smallest.checks;
    return {
      title: `Growth: ${measured.checks.toLocaleString("en")} checks`,
      findings: [
        {
          name: "Processor time of 1,000 checks, of one core",
          value: coresOfThousand(measured),
          unit: "",
          bound: { atMost: tolerance * coresOfThousand(smallest) },
        },
        {
          name: "Resident memory at the end",
          value: measured.memoryMegabytes,
          unit: "MB",
          bound: { atMost: tolerance * times * smallest.memoryMegabytes },
        },
        ...furtherMemory(measurements.slice(0, index + 1)),
        ...soundness(measured),
      ],
    };
  });
}

/** What each additional check takes, without the hundred megabytes of any Node process. */
function furtherMemory(measurements: readonly ScaleMeasurement[]): Finding[] {
  const [smallest, before, last] = [measurements[0], measurements.at(-2), measurements.at(-1)];
  // The first step is small, so that the timing of garbage collection is a large part of it.
  if (measurements.length < 3 || smallest === undefined || before === undefined || last === undefined) return [];
  const kilobytes = (from: ScaleMeasurement, to: ScaleMeasurement): number =>
    (1000 * (to.memoryMegabytes - from.memoryMegabytes)) / (to.checks - from.checks);
  const others = kilobytes(smallest, before);
  return [
    {
      name: "Resident memory of each additional check",
      value: kilobytes(before, last),
      unit: "kB",
      bound: { atMost: tolerance * others },
    },
  ];
}

function coresOfThousand({ cores, checks }: ScaleMeasurement): number {
  return (cores * 1000) / checks;
}

function atMost(value: number | undefined): Pick<Finding, "bound"> {
  return value === undefined ? {} : { bound: { atMost: value } };
}
