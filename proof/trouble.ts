import { buildPackage } from "../bench/support/built-package.ts";
import type { Finding } from "./support/finding.ts";
import { measureTrouble, type TroubleMeasurement, type TroubleOptions } from "./support/trouble/trouble-measurement.ts";
import type { ProofOptions, Results } from "./support/write-results.ts";

/** The findings, with what Healthspan promises of them. */
export function judge(
  measured: TroubleMeasurement,
  options: TroubleOptions,
  scrapeMilliseconds = 100,
): readonly Finding[] {
  const { intervals, scrapes } = measured;
  return [
    { name: "Healthy checks that ran", value: measured.paths, unit: "", bound: { exactly: options.healthy } },
    {
      name: "Runs of the healthy check that ran least",
      value: measured.leastRuns,
      unit: "",
      bound: { atLeast: intervals },
    },
    { name: "Runs of healthy checks that failed", value: measured.failedRuns, unit: "", bound: { exactly: 0 } },
    {
      name: "Changes of state of healthy checks beyond the first of each",
      value: measured.changes,
      unit: "",
      bound: { exactly: 0 },
    },
    {
      // An older result is not trusted any more.
      name: "Longest time between two runs of one healthy check, in intervals",
      value: measured.longestGapIntervals,
      unit: "",
      bound: { atMost: 1.5 },
    },
    { name: "Checks by silent names that pass", value: measured.passingNames, unit: "", bound: { exactly: 0 } },
    { name: "Checks of hung mounts that pass", value: measured.passingMounts, unit: "", bound: { exactly: 0 } },
    { name: "Scrapes of /metrics", value: scrapes, unit: "", bound: { atLeast: 1 } },
    {
      name: "Scrapes that were not answered with 200",
      value: measured.refusedScrapes,
      unit: "",
      bound: { exactly: 0 },
    },
    { name: "Time of a scrape, median", value: measured.scrapeMedianMilliseconds, unit: "ms" },
    {
      name: "Time of a scrape, 99th percentile",
      value: measured.scrape99Milliseconds,
      unit: "ms",
      bound: { atMost: scrapeMilliseconds },
    },
    { name: "Time of a scrape, longest", value: measured.scrapeLongestMilliseconds, unit: "ms" },
    { name: "Resident memory at the end", value: measured.memoryMegabytes, unit: "MB" },
    { name: "Time from SIGTERM to the end", value: measured.stopSeconds, unit: "s", bound: { atMost: 10 } },
    { name: "Exit code", value: measured.exitCode ?? -1, unit: "", bound: { exactly: 0 } },
  ];
}

export const hasShortForm = true;

/** The whole proof; with `--seconds`, a short form of it. */
export async function prove({ seconds = 300 }: ProofOptions = {}): Promise<Results> {
  await using built = await buildPackage();
  const options = { healthy: 100, names: 100, mounts: 20, intervalSeconds: 5, seconds, command: built.command };
  const measured = await measureTrouble(options);
  return {
    name: "trouble",
    title: "Silent names and hung mounts",
    description: [
      `${options.healthy} HTTP checks by names that are found run every ${options.intervalSeconds} s for ${seconds} s, beside ${options.names} HTTP checks by names that their name server`,
      `leaves without an answer and ${options.mounts} \`disk\` checks of file systems that hang (FUSE), while a client asks for \`/metrics\` four times a`,
      "second. All of it is in a network and mount namespace of its own, and shares the machine's cores with Healthspan.",
    ].join("\n"),
    sections: [{ title: "100 silent names and 20 hung mounts", findings: judge(measured, options) }],
    ...(measured.unwell.length > 0 && {
      more: `## Healthy checks whose state changed\n\n${measured.unwell.map((line) => `- ${line}`).join("\n")}`,
    }),
  };
}
