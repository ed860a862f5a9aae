import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Finding } from "./support/finding.ts";
import { type FuzzOutcome, type FuzzTask, fuzzOne, subjectNames } from "./support/fuzz-one.ts";
import { markdownTable, type Results } from "./support/write-results.ts";

const program = fileURLToPath(new URL("support/fuzz-process.ts", import.meta.url));

export interface FuzzOptions {
  /** So many cases for each subject. */
  readonly cases: number;
  /** Of the first subject; the others get the next ones. Default: another one each time. */
  readonly seed?: number;
}

/** Puts everything that takes something from outside to so many cases each, one after the other. */
export async function fuzz(options: FuzzOptions): Promise<readonly FuzzOutcome[]> {
  const outcomes: FuzzOutcome[] = [];
  for (const task of tasksOf(options)) outcomes.push(await fuzzOne(task));
  return outcomes;
}

function tasksOf({ cases, seed = randomInt(2 ** 31 - subjectNames.length) }: FuzzOptions): readonly FuzzTask[] {
  return subjectNames.map((subject, index) => ({ subject, cases, seed: seed + index }));
}

/** The same in a process of its own: one that crashes or hangs is a failure like others. */
async function fuzzApart(task: FuzzTask): Promise<FuzzOutcome> {
  const child = fork(program, [JSON.stringify(task)], { execArgv: [] });
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

/** So many subjects at a time: each keeps a processor busy. */
const atATime = 2;

async function severalAtATime<Task, Outcome>(
  tasks: readonly Task[],
  see: (task: Task) => Promise<Outcome>,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<Task, Outcome>();
  const waiting = [...tasks];
  const work = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) outcomes.set(task, await see(task));
  };
  await Promise.all(Array.from({ length: atATime }, work));
  return tasks.flatMap((task) => outcomes.get(task) ?? []);
}

/** The findings about one subject beside their bounds. */
export function fuzzFindings(outcome: FuzzOutcome, cases: number): Finding[] {
  return [
    { name: "cases borne", value: outcome.cases, unit: "", bound: { atLeast: cases } },
    {
      name: "crash, hang, unforeseen error or 5xx",
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
  const outcomes = await severalAtATime(tasksOf({ cases }), fuzzApart);
  return {
    name: "fuzz",
    title: "Fuzz",
    description: [
      `Made up by fast-check: ${cases.toLocaleString("en")} cases each of what comes from outside. Requests go over the network to the`,
      "real server, and answers come over the network to the real check; a configuration is a file that is loaded. Conversations",
      "with Redis and PostgreSQL are real ones with changes in them (scripts/record-conversations.ts records them). The seeds make the",
      "same cases again. A 5xx that is not the health status of the one failing endpoint, a connection that is closed",
      "without an answer or that the client has to close first, an error in the log, an error of another kind than foreseen, and",
      "what takes too long count as failures.",
    ].join("\n"),
    sections: outcomes.map((outcome) => ({
      title: `${outcome.subject} (seed ${outcome.seed})`,
      findings: fuzzFindings(outcome, cases),
    })),
    more: [
      `## What came of them\n\n${markdownTable([
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
