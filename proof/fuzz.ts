import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { markdownTable } from "../bench/support/markdown-table.ts";
import type { Finding } from "./support/finding.ts";
import { type FuzzOutcome, type FuzzTask, fuzzOne, subjectNames } from "./support/fuzz/fuzz-one.ts";
import type { Results } from "./support/write-results.ts";

const program = fileURLToPath(new URL("support/fuzz/fuzz-process.ts", import.meta.url));

export interface FuzzOptions {
  /** How many cases each subject gets. */
  readonly cases: number;
  /** Seed of the first subject; the others get the next numbers. Default: random. */
  readonly seed?: number;
}

/** Gives every subject that takes input from outside its cases, one subject at a time. */
export async function fuzz(options: FuzzOptions): Promise<readonly FuzzOutcome[]> {
  const outcomes: FuzzOutcome[] = [];
  for (const task of tasksOf(options)) outcomes.push(await fuzzOne(task));
  return outcomes;
}

function tasksOf({ cases, seed = randomInt(2 ** 31 - subjectNames.length) }: FuzzOptions): readonly FuzzTask[] {
  return subjectNames.map((subject, index) => ({ subject, cases, seed: seed + index }));
}

/** The same in a process of its own, whose crash or hang is a failure like others. */
async function fuzzApart(task: FuzzTask, told: Promise<unknown>): Promise<FuzzOutcome> {
  const child = fork(program, [JSON.stringify(task)], { execArgv: [] });
  void told.then(() => child.kill());
  const startedAt = performance.now();
  const ended = once(child, "exit").then(([code, signal]): FuzzOutcome => {
    const failure = { example: "unknown", error: `the process ended with ${code ?? signal}` };
    const seconds = (performance.now() - startedAt) / 1000;
    return { ...task, cases: 0, outcomes: {}, slowestMilliseconds: Number.NaN, seconds, failure, uncaught: [] };
  });
  const outcome = await Promise.race([once(child, "message").then(([message]) => message as FuzzOutcome), ended]); // The only message.
  process.stdout.write(`${outcome.subject}: ${outcome.cases} cases in ${outcome.seconds.toFixed(0)} s\n`);
  return outcome;
}

/** How many subjects run at a time; each keeps a processor busy. */
const maxConcurrent = 2;

/**
 * Runs the tasks, the last ones first, until all are done or the proof is told to end: what has been found by then counts.
 * @returns the outcomes in the order of the tasks; undefined for those that were not done
 */
async function runConcurrently<Task, Outcome>(
  tasks: readonly Task[],
  run: (task: Task, told: Promise<unknown>) => Promise<Outcome>,
): Promise<readonly (Outcome | undefined)[]> {
  const outcomes = new Map<Task, Outcome>();
  const waiting = [...tasks];
  const told = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  void told.then(() => waiting.splice(0));
  const work = async (): Promise<void> => {
    for (let task = waiting.pop(); task !== undefined; task = waiting.pop()) outcomes.set(task, await run(task, told));
  };
  await Promise.race([Promise.all(Array.from({ length: maxConcurrent }, work)), told]);
  return tasks.map((task) => outcomes.get(task));
}

/** The findings about one subject beside their bounds. */
export function fuzzFindings(outcome: FuzzOutcome, cases: number): Finding[] {
  return [
    { name: "cases handled", value: outcome.cases, unit: "", bound: { atLeast: cases } },
    {
      name: "crash, hang, unexpected error or 5xx",
      value: outcome.failure === undefined ? 0 : 1,
      unit: "",
      bound: { atMost: 0 },
    },
    { name: "uncaught errors and rejections", value: outcome.uncaught.length, unit: "", bound: { atMost: 0 } },
    { name: "slowest case", value: outcome.slowestMilliseconds, unit: "ms" },
    { name: "time", value: outcome.seconds, unit: "s" },
  ];
}

const cases = 100_000;

/** The whole proof. */
export async function prove(): Promise<Results> {
  const found = await runConcurrently(tasksOf({ cases }), fuzzApart);
  const outcomes = found.filter((outcome) => outcome !== undefined);
  const left = subjectNames.filter((_, index) => found[index] === undefined);
  return {
    name: "fuzz",
    title: "Fuzz",
    description: [
      `fast-check generates ${cases.toLocaleString("en")} cases of each kind of input from outside. Requests go over the network to the`,
      "real server, and answers come over the network to the real check; a configuration is a file that is loaded. Conversations",
      "with servers are recorded ones with changes in them (scripts/record-conversations.ts); name servers and MongoDB give right",
      "answers with changes in their bytes. The seeds reproduce the cases. A 5xx that is not the health status of the one failing",
      "endpoint, a connection that is closed without an answer or that the client has to close first, an error in the log, an error",
      "of an unexpected kind, and what takes too long count as failures.",
    ].join("\n"),
    sections: [
      {
        title: "All",
        findings: [{ name: "subjects", value: outcomes.length, unit: "", bound: { exactly: subjectNames.length } }],
      },
      ...outcomes.map((outcome) => ({
        title: `${outcome.subject} (seed ${outcome.seed})`,
        findings: fuzzFindings(outcome, cases),
      })),
    ],
    more: [
      ...(left.length === 0 ? [] : [`The proof was ended before it came to: ${left.join(", ")}.`]),
      `## Outcomes\n\n${markdownTable([
        ["subject", "outcome", "cases"],
        ...outcomes.flatMap(({ subject, outcomes: counts }) =>
          Object.entries(counts)
            .toSorted(([, one], [, other]) => other - one)
            .map(([outcome, count]) => [subject, outcome, String(count)]),
        ),
      ])}`,
      ...outcomes.flatMap(({ subject, failure, uncaught }) => [
        ...(failure === undefined
          ? []
          : [`- ${subject}: \`${failure.example.slice(0, 1000)}\`: ${failure.error.slice(0, 1000)}`]),
        ...uncaught.slice(0, 5).map((error) => `- ${subject}: ${error}`),
      ]),
    ].join("\n\n"),
  };
}
