import { buildPackage } from "../bench/support/built-package.ts";
import { quantile } from "../bench/support/quantile.ts";
import { type CollectorBehaviour, signals } from "./support/collector/collector.ts";
import { type CollectorObservation, observeCollector } from "./support/collector/collector-observation.ts";
import type { Finding } from "./support/finding.ts";
import type { Results, Section } from "./support/write-results.ts";

/** So much more may be in use in the end than when the queues had just filled up. */
const maxGrowthMegabytes = 5;

/**
 * The findings beside their bounds: what the server is for goes on as ever, and the log says of each signal once that it
 * does not arrive, and once that it does again.
 * @param healthy the same with a collector that is well
 */
export function collectorFindings(observation: CollectorObservation, healthy = observation): Finding[] {
  const { behaviour, answers, liveMegabytes, residentMegabytes, told, otherWarnings, exitCode } = observation;
  const exactly = behaviour === "takes" ? 0 : 1;
  return [
    {
      name: "Runs, as a share of those that the interval asks for",
      value: observation.runsShare,
      unit: "",
      bound: { atLeast: 0.95 * healthy.runsShare },
    },
    {
      name: "Answers that were not 200",
      value: answers.filter(({ status }) => status !== 200).length,
      unit: "",
      bound: { atMost: 0 },
    },
    ...answerTimes(observation, healthy),
    { name: "Changes of state beyond the first", value: observation.changes, unit: "", bound: { atMost: 0 } },
    { name: "Memory in use after a third of the time, garbage aside", value: liveMegabytes.full, unit: "MB" },
    {
      name: "Memory in use in the end, likewise",
      value: liveMegabytes.end,
      unit: "MB",
      bound: { atMost: liveMegabytes.full + maxGrowthMegabytes },
    },
    { name: "Resident memory at the beginning", value: residentMegabytes.start, unit: "MB" },
    {
      name: "Resident memory in the end",
      value: residentMegabytes.end,
      unit: "MB",
      // V8 grows its heap as it sees fit; the queues are a few megabytes.
      bound: { atMost: healthy.residentMegabytes.end + 100 },
    },
    ...signals.flatMap((signal): Finding[] => [
      {
        name: `Log lines that say that ${signal} do not arrive`,
        value: told[signal].failing,
        unit: "",
        bound: { exactly },
      },
      {
        name: `Log lines that say that ${signal} arrive again`,
        value: told[signal].again,
        unit: "",
        bound: { exactly },
      },
    ]),
    {
      name: ["Other lines of warnings or errors", ...new Set(otherWarnings)].join(": "),
      value: otherWarnings.length,
      unit: "",
      bound: { atMost: 0 },
    },
    { name: "Exit code", value: exitCode ?? -1, unit: "", bound: { exactly: 0 } },
  ];
}

/**
 * What was measured in another minute on a machine that does other things, too, differs by itself: by as much again, and
 * by some milliseconds of the median, and by the length of a pause among the slowest.
 */
function answerTimes({ answers }: CollectorObservation, healthy: CollectorObservation): Finding[] {
  const time = (of: CollectorObservation["answers"], share: number): number =>
    quantile(
      of.map(({ milliseconds }) => milliseconds),
      share,
    );
  return [
    {
      name: "Time of an answer, median",
      value: time(answers, 0.5),
      unit: "ms",
      bound: { atMost: 2 * time(healthy.answers, 0.5) + 5 },
    },
    {
      name: "Time of an answer, 99th percentile",
      value: time(answers, 0.99),
      unit: "ms",
      bound: { atMost: 2 * time(healthy.answers, 0.99) + 100 },
    },
  ];
}

/** What is compared with the others comes first. */
const titles = {
  takes: "A collector that is well, to compare",
  refuses: "A collector that is down",
  "is silent": "A collector that never answers",
  drips: "A collector that answers a byte at a time",
  "answers 500": "A collector that answers 500",
  "asks to wait": "A collector that asks to be asked again later",
} as const satisfies Record<CollectorBehaviour, string>;

const whole = { checks: 500, intervalSeconds: 2, seconds: 60 };

/** The whole proof. */
export async function prove(): Promise<Results> {
  await using built = await buildPackage();
  const options = { ...whole, command: built.command };
  const healthy = await observeCollector("takes", options);
  const sections: Section[] = [{ title: titles.takes, findings: collectorFindings(healthy) }];
  for (const [behaviour, title] of Object.entries(titles).slice(1)) {
    // The keys of `titles` are the behaviours.
    const observation = await observeCollector(behaviour as CollectorBehaviour, options);
    sections.push({ title, findings: collectorFindings(observation, healthy) });
  }
  return {
    name: "collector",
    title: "A collector that fails for the whole run",
    description: [
      `${whole.checks} HTTP checks run every ${whole.intervalSeconds} s for ${whole.seconds} s while traces, metrics and logs are pushed to a collector that fails all the`,
      "time; then it is made well. One more check changes its state every second, so that there are always log records. A",
      "signal can have a collector of its own, so each has its own two lines in the log; they are counted two pushes of each",
      "signal after all of them have arrived again. What is asked of the server meanwhile is compared with what it does",
      "when its collector is well.",
    ].join("\n"),
    sections,
  };
}
