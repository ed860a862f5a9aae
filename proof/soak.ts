import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { quantile } from "./support/asker.ts";
import type { Finding } from "./support/finding.ts";
import type { MemorySample, SoakObservation, SoakTask } from "./support/soak-process.ts";
import { markdownTable, type Results } from "./support/write-results.ts";

const program = fileURLToPath(new URL("support/soak-process.ts", import.meta.url));

/** The last tenth may use so much more than the second one: the first is the warming up. */
const mostGrowth = 1.05;

/** So much more the heap may hold in the end than after half of the runs: after warming up it does not change by half of it. */
const mostHeapGrowthBytes = 1_000_000;

/**
 * Runs checks of all kinds so many times, under faults, in a process of its own.
 * @throws Error when the process ended without having seen it through
 */
export async function soak(task: SoakTask): Promise<SoakObservation> {
  const child = fork(program, [JSON.stringify(task)], {
    env: { ...process.env, NODE_V8_COVERAGE: "", NODE_OPTIONS: "" },
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

/**
 * The findings beside their bounds.
 * @param bounded whether the runs were many enough for the resident memory to say something
 */
export function soakFindings(observation: SoakObservation, bounded: boolean): Finding[] {
  const { runs, seconds, samples, heapHalfway, heapInTheEnd, unhandledRejections, warnings, left } = observation;
  const second = megabytes(tenth(observation, 1), ({ resident }) => resident);
  const last = megabytes(tenth(observation, 9), ({ resident }) => resident);
  const none = (name: string, value: number): Finding => ({ name, value, unit: "", bound: { atMost: 0 } });
  return [
    { name: "runs", value: runs, unit: "" },
    { name: "time", value: seconds, unit: "s" },
    { name: "resident memory, median of the second tenth", value: second, unit: "MB" },
    { name: "resident memory, median of the last tenth", value: last, unit: "MB" },
    {
      name: "last tenth ÷ second tenth",
      value: last / second,
      unit: "",
      ...(bounded && { bound: { atMost: mostGrowth } }),
    },
    { name: "resident memory, most", value: megabytes(samples, ({ resident }) => resident, 1), unit: "MB" },
    { name: "heap after garbage collection, half done", value: heapHalfway / 1e6, unit: "MB" },
    {
      name: "heap after garbage collection, in the end",
      value: heapInTheEnd / 1e6,
      unit: "MB",
      bound: { atMost: (heapHalfway + mostHeapGrowthBytes) / 1e6 },
    },
    none("unhandled rejections", unhandledRejections.length),
    none("warnings of Node's, such as MaxListenersExceededWarning", warnings.length),
    none(
      "sockets, timers and handles left in the end",
      Object.values(left).reduce((sum, count) => sum + count, 0),
    ),
  ];
}

/** The samples of one tenth of the runs; the first is 0. */
function tenth({ samples, runs }: SoakObservation, index: number): readonly MemorySample[] {
  return samples.filter((sample) => Math.min(9, Math.floor((10 * sample.runs) / runs)) === index);
}

function megabytes(samples: readonly MemorySample[], of: (sample: MemorySample) => number, share = 0.5): number {
  return quantile(samples.map(of), share) / 1e6;
}

/** The whole proof. */
export async function prove(): Promise<Results> {
  const observation = await soak({ runs: 1_000_000 });
  const tenths = Array.from({ length: 10 }, (_, index) => {
    const samples = tenth(observation, index);
    const [resident, heap] = [megabytes(samples, (one) => one.resident), megabytes(samples, (one) => one.heapUsed)];
    return [String(index + 1), resident.toFixed(1), heap.toFixed(1)];
  });
  const outcomes = Object.entries(observation.outcomes)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([outcome, count]) => [...outcome.split(": "), String(count)]);
  return {
    name: "soak",
    title: "Soak",
    description: [
      "One monitor with metrics and spans runs checks of all kinds a million times: some that do nothing, fail, throw, time",
      "out with and without heeding their signal, run in threads and never return there; some of HTTP, TCP and Redis",
      "behind a proxy that refuses, falls silent, is slow, resets, and sends rubbish or 5 MB; twenty on a schedule of 100 ms. The",
      "metrics are scraped meanwhile. The resident memory is read after each round of about 1,000 runs; garbage is",
      "collected by force only twice, after half of the runs and after the last.",
    ].join("\n"),
    sections: [{ title: "Memory and leaks", findings: soakFindings(observation, true) }],
    more: [
      `## Memory by tenths\n\n${markdownTable([["tenth of the runs", "resident, MB", "heap, MB"], ...tenths])}`,
      `## What the runs found\n\n${markdownTable([["check", "outcome", "runs"], ...outcomes])}`,
      ...[...observation.unhandledRejections, ...observation.warnings].slice(0, 20).map((text) => `- ${text}`),
    ].join("\n\n"),
  };
}
