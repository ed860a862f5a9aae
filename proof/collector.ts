import { buildPackage } from "../bench/support/built-package.ts";
import { quantile } from "../bench/support/quantile.ts";
import { type CollectorBehaviour, signals } from "./support/collector/collector.ts";
import { type CollectorObservation, observeCollector } from "./support/collector/collector-observation.ts";
import type { Finding } from "./support/finding.ts";
import type { Results, Section } from "./support/write-results.ts";

/** How much more memory may be in use at the end than when the queues had just filled up. */
const maxGrowthMegabytes = 5;

/**
 * The findings beside their bounds: the server goes on doing its work, and logs once for each signal that it does not
 * arrive, and once that it arrives again.
 * @param healthy the same with a healthy collector
 */
export function collectorFindings(observation: CollectorObservation, healthy = observation): Finding[] {
  const { behaviour, answers, liveMegabytes, residentMegabytes, logged, otherWarnings, exitCode } = observation;
  const exactly = behaviour === "accepts" ? 0 : 1;
  return [
    {
      name: "Runs, as a share of those scheduled",
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
    { name: "Memory in use after a third of the time, without garbage", value: liveMegabytes.full, unit: "MB" },
    {
      name: "Memory in use at the end, without garbage",
      value: liveMegabytes.end,
      unit: "MB",
      bound: { atMost: liveMegabytes.full + maxGrowthMegabytes },
    },
    { name: "Resident memory at the beginning", value: residentMegabytes.start, unit: "MB" },
    {
      name: "Resident memory at the end",
      value: residentMegabytes.end,
      unit: "MB",
      // V8 grows its heap as it likes; the queues are a few megabytes.
      bound: { atMost: healthy.residentMegabytes.end + 100 },
    },
    ...signals.flatMap((signal): Finding[] => [
      {
        name: `Log lines saying that ${signal} do not arrive`,
        value: logged[signal].failing,
        unit: "",
        bound: { exactly },
      },
      {
        name: `Log lines saying that ${signal} arrive again`,
        value: logged[signal].again,
        unit: "",
        bound: { exactly },
      },
    ]),
    {
      name: ["Other warnings and errors in the log", ...new Set(otherWarnings)].join(": "),
      value: otherWarnings.length,
      unit: "",
      bound: { atMost: 0 },
    },
    { name: "Exit code", value: exitCode ?? -1, unit: "", bound: { exactly: 0 } },
  ];
}

/**
 * Two measurements of the same server on a machine with other work differ by up to a factor of two, by a few milliseconds in
 * the median, and by the length of a pause among the slowest.
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

/** The one that the others are compared with comes first. */
const titles = {
  accepts: "A healthy collector, for comparison",
  refuses: "A collector that is down",
  "is silent": "A collector that never answers",
  drips: "A collector that answers one byte at a time",
  "answers 500": "A collector that answers 500",
  "asks to wait": "A collector that asks to retry later",
} as const satisfies Record<CollectorBehaviour, string>;

const whole = { checks: 500, intervalSeconds: 2, seconds: 60 };

/** The whole proof. */
export async function prove(): Promise<Results> {
  await using built = await buildPackage();
  const options = { ...whole, command: built.command };
  const healthy = await observeCollector("accepts", options);
  const sections: Section[] = [{ title: titles.accepts, findings: collectorFindings(healthy) }];
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
      "time; then it recovers. One more check changes its state every second, so that there are always log records. A",
      "signal can have its own collector, so each has its own two lines in the log; they are counted two pushes of each",
      "signal after all have arrived again. What the server does meanwhile is compared with what it does while its collector",
      "is healthy.",
    ].join("\n"),
    sections,
  };
}
