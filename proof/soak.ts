import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { markdownTable } from "../bench/support/markdown-table.ts";
import { quantile } from "../bench/support/quantile.ts";
import type { Finding } from "./support/finding.ts";
import type { Sample, SoakObservation, SoakTask } from "./support/soak/soak-process.ts";
import type { Results } from "./support/write-results.ts";

const program = fileURLToPath(new URL("support/soak/soak-process.ts", import.meta.url));

/** The last tenth may use so much more than the second one: the first is the warming up. */
const maxGrowth = 1.05;

/** So much more the heap may hold in the end than after half of the runs: after warming up it does not change by half of it. */
const maxHeapGrowthBytes = 1_000_000;

/** So much more the least that was ever in use may be in the last tenth than in the second one: garbage is part of it. */
const maxLeastHeapGrowthBytes = 3_000_000;

/** So large a part of the runs goes over the network. */
const leastNetworkShare = 0.25;

/** How the image and the unit of systemd have glibc keep memory. */
export const allocatorVariables = { MALLOC_ARENA_MAX: "2", MALLOC_MMAP_THRESHOLD_: "131072" } as const;

/**
 * Runs checks of all kinds so many times, under faults, in a process of its own.
 * @throws Error when the process ended without having seen it through
 */
export async function soak(task: SoakTask): Promise<SoakObservation> {
  const child = fork(program, [JSON.stringify(task)], {
    env: { ...process.env, ...allocatorVariables, NODE_V8_COVERAGE: "", NODE_OPTIONS: "" },
    execArgv: ["--expose-gc"],
    serialization: "advanced",
  });
  try {
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`the process ended with ${code} in the middle of its runs`);
    });
    const [observation] = (await Promise.race([once(child, "message"), ended])) as [SoakObservation]; // The only message.
    return observation;
  } finally {
    child.kill("SIGKILL");
  }
}

/** The findings beside their bounds. */
export function soakFindings(observation: SoakObservation): Finding[] {
  const { runs, seconds, outcomes, unhandledRejections, warnings, left } = observation;
  const none = (name: string, value: number): Finding => ({ name, value, unit: "", bound: { atMost: 0 } });
  const network = Object.entries(outcomes).filter(([outcome]) => /^(http|tcp|redis|postgres): /.test(outcome));
  return [
    { name: "runs", value: runs, unit: "" },
    {
      name: "share of them that went over the network",
      value: network.reduce((sum, [, count]) => sum + count, 0) / runs,
      unit: "",
      bound: { atLeast: leastNetworkShare },
    },
    { name: "time", value: seconds, unit: "s" },
    ...memory(observation),
    noMore("listeners of the process", observation, (sample) => sample.processListeners),
    noMore("listeners of one client of a database", observation, (sample) => sample.clientListeners),
    none("unhandled rejections", unhandledRejections.length),
    none("warnings of Node's, such as MaxListenersExceededWarning", warnings.length),
    none(
      "sockets, timers and handles left in the end",
      Object.values(left).reduce((sum, count) => sum + count, 0),
    ),
  ];
}

/** Of few runs, the resident memory says nothing: there the heap is compared, of which the garbage was collected by force. */
function memory(observation: SoakObservation): Finding[] {
  const { samples, heapHalfway, heapInTheEnd } = observation;
  const [second, last] = [tenth(observation, 1), tenth(observation, 9)];
  const resident = (of: readonly Sample[], share = 0.5): number => megabytes(of, (sample) => sample.resident, share);
  const leastHeap = (of: readonly Sample[]): number => megabytes(of, (sample) => sample.heapUsed, 0);
  const inTheEnd = { name: "heap after garbage collection, in the end", value: heapInTheEnd / 1e6, unit: "MB" };
  if (heapHalfway !== undefined) {
    return [
      { name: "heap after garbage collection, half done", value: heapHalfway / 1e6, unit: "MB" },
      { ...inTheEnd, bound: { atMost: (heapHalfway + maxHeapGrowthBytes) / 1e6 } },
    ];
  }
  return [
    { name: "resident memory, median of the second tenth", value: resident(second), unit: "MB" },
    { name: "resident memory, median of the last tenth", value: resident(last), unit: "MB" },
    {
      name: "last tenth ÷ second tenth",
      value: resident(last) / resident(second),
      unit: "",
      bound: { atMost: maxGrowth },
    },
    { name: "resident memory, most", value: resident(samples, 1), unit: "MB" },
    { name: "heap in use at the least, second tenth", value: leastHeap(second), unit: "MB" },
    {
      name: "heap in use at the least, last tenth",
      value: leastHeap(last),
      unit: "MB",
      bound: { atMost: leastHeap(second) + maxLeastHeapGrowthBytes / 1e6 },
    },
    inTheEnd,
  ];
}

/** A client that connects has some listeners more for a moment. */
const listenersOfAMoment = 10;

/** That there were hardly more in the last tenth than in the first one, in which everything has been once. */
function noMore(name: string, observation: SoakObservation, of: (sample: Sample) => number): Finding {
  const most = (index: number): number => quantile(tenth(observation, index).map(of), 1);
  return {
    name: `${name}, most in the last tenth`,
    value: most(9),
    unit: "",
    bound: { atMost: most(0) + listenersOfAMoment },
  };
}

/** The samples of one tenth of the runs; the first is 0. */
function tenth({ samples, runs }: SoakObservation, index: number): readonly Sample[] {
  return samples.filter((sample) => Math.min(9, Math.floor((10 * sample.runs) / runs)) === index);
}

function megabytes(samples: readonly Sample[], of: (sample: Sample) => number, share = 0.5): number {
  return quantile(samples.map(of), share) / 1e6;
}

/** The whole proof. */
export async function prove(): Promise<Results> {
  const observation = await soak({ runs: 1_000_000, collectHalfway: false });
  const tenths = Array.from({ length: 10 }, (_, index) => {
    const samples = tenth(observation, index);
    const kinds = ["resident", "heapUsed", "heapTotal", "external"] as const;
    return [String(index + 1), ...kinds.map((kind) => megabytes(samples, (one) => one[kind]).toFixed(1))];
  });
  const outcomes = Object.entries(observation.outcomes)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([outcome, count]) => [...outcome.split(": "), String(count)]);
  return {
    name: "soak",
    title: "Soak",
    description: [
      "One monitor with metrics and spans runs checks of all kinds a million times: some that do nothing, fail, throw, time",
      "out with and without heeding their signal, run in threads and never return there; more than a quarter of HTTP, TCP, Redis",
      "and PostgreSQL behind a proxy that refuses, falls silent, is slow, resets, and sends rubbish or 5 MB; ten on a schedule of",
      "250 ms. The metrics are scraped meanwhile. The resident memory is read after each round of about 1,000 runs; garbage",
      "is collected by force only before the first reading and after the last. `MALLOC_ARENA_MAX` is 2 and `MALLOC_MMAP_THRESHOLD_`",
      "131072, as in the image and in the unit of systemd.",
    ].join("\n"),
    sections: [{ title: "Memory and leaks", findings: soakFindings(observation) }],
    more: [
      `## Memory by tenths, in MB\n\n${markdownTable([["tenth of the runs", "resident", "heap in use", "heap taken", "external"], ...tenths])}`,
      `## What the runs found\n\n${markdownTable([["check", "outcome", "runs"], ...outcomes])}`,
      ...[...observation.unhandledRejections, ...observation.warnings].slice(0, 20).map((text) => `- ${text}`),
    ].join("\n\n"),
  };
}
