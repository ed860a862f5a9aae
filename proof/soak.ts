import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { allocatorVariables } from "../bench/support/allocator.ts";
import { markdownTable } from "../bench/support/markdown-table.ts";
import { quantile } from "../bench/support/quantile.ts";
import type { Finding } from "./support/finding.ts";
import type { Sample, SoakObservation, SoakTask } from "./support/soak/soak-process.ts";
import type { Results } from "./support/write-results.ts";

const program = fileURLToPath(new URL("support/soak/soak-process.ts", import.meta.url));

/** How much more the last tenth may use than the second; the first is the warm-up. */
const maxGrowth = 1.05;

/** How much more the heap may hold at the end than after half of the runs; after the warm-up it changes by less than half of it. */
const maxHeapGrowthBytes = 1_000_000;

/** How much higher the minimum of the heap in use may be in the last tenth than in the second; it includes garbage. */
const maxMinimumHeapGrowthBytes = 3_000_000;

/** The share of the runs that must go over the network. */
const minNetworkShare = 0.25;

/**
 * Runs checks of all kinds, under faults, in a process of its own.
 * @throws Error when the process ended before it was done
 */
export async function soak(task: SoakTask): Promise<SoakObservation> {
  const child = fork(program, [JSON.stringify(task)], {
    env: { ...process.env, ...allocatorVariables, NODE_V8_COVERAGE: "", NODE_OPTIONS: "" },
    execArgv: ["--expose-gc"],
    serialization: "advanced",
  });
  try {
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`the process ended with ${code} before it was done`);
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
      name: "share of runs over the network",
      value: network.reduce((sum, [, count]) => sum + count, 0) / runs,
      unit: "",
      bound: { atLeast: minNetworkShare },
    },
    { name: "time", value: seconds, unit: "s" },
    ...memory(observation),
    noMore("listeners of the process", observation, (sample) => sample.processListeners),
    noMore("listeners of one database client", observation, (sample) => sample.clientListeners),
    none("unhandled rejections", unhandledRejections.length),
    none("warnings by Node, such as MaxListenersExceededWarning", warnings.length),
    none(
      "sockets, timers and handles left at the end",
      Object.values(left).reduce((sum, count) => sum + count, 0),
    ),
  ];
}

/** Of few runs the resident memory says nothing; then the heap after a forced garbage collection is compared. */
function memory(observation: SoakObservation): Finding[] {
  const { samples, heapHalfway, heapAtEnd } = observation;
  const [second, last] = [tenth(observation, 1), tenth(observation, 9)];
  const resident = (of: readonly Sample[], share = 0.5): number => megabytes(of, (sample) => sample.resident, share);
  const leastHeap = (of: readonly Sample[]): number => megabytes(of, (sample) => sample.heapUsed, 0);
  const atEnd = { name: "heap after garbage collection, at the end", value: heapAtEnd / 1e6, unit: "MB" };
  if (heapHalfway !== undefined) {
    return [
      { name: "heap after garbage collection, half way", value: heapHalfway / 1e6, unit: "MB" },
      { ...atEnd, bound: { atMost: (heapHalfway + maxHeapGrowthBytes) / 1e6 } },
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
    { name: "resident memory, maximum", value: resident(samples, 1), unit: "MB" },
    { name: "minimum of the heap in use, second tenth", value: leastHeap(second), unit: "MB" },
    {
      name: "minimum of the heap in use, last tenth",
      value: leastHeap(last),
      unit: "MB",
      bound: { atMost: leastHeap(second) + maxMinimumHeapGrowthBytes / 1e6 },
    },
    atEnd,
  ];
}

/** A client that is connecting has some more listeners for a moment. */
const maxTransientListeners = 10;

/** That there were hardly more in the last tenth than in the first, which contains every fault and check once. */
function noMore(name: string, observation: SoakObservation, of: (sample: Sample) => number): Finding {
  const most = (index: number): number => quantile(tenth(observation, index).map(of), 1);
  return {
    name: `${name}, maximum in the last tenth`,
    value: most(9),
    unit: "",
    bound: { atMost: most(0) + maxTransientListeners },
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
      "out whether or not they obey their signal, run in threads and never return there; more than a quarter of HTTP, TCP, Redis",
      "and PostgreSQL behind a proxy that refuses, falls silent, is slow, resets, and sends rubbish or 5 MB; ten on a schedule of",
      "250 ms. The metrics are scraped meanwhile. The resident memory is read after each round of about 1,000 runs; garbage",
      "collection is forced only before the first reading and after the last. `MALLOC_ARENA_MAX` is 2 and `MALLOC_MMAP_THRESHOLD_`",
      "131072, as in the image and in the systemd unit.",
    ].join("\n"),
    sections: [{ title: "Memory and leaks", findings: soakFindings(observation) }],
    more: [
      `## Memory by tenths, in MB\n\n${markdownTable([["tenth of the runs", "resident", "heap in use", "heap reserved", "external"], ...tenths])}`,
      `## What the runs found\n\n${markdownTable([["check", "outcome", "runs"], ...outcomes])}`,
      ...[...observation.unhandledRejections, ...observation.warnings].slice(0, 20).map((text) => `- ${text}`),
    ].join("\n\n"),
  };
}
