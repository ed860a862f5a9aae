import { randomInt } from "node:crypto";
import fc from "fast-check";
import type { Finding } from "./support/finding.ts";
import { answerSubject } from "./support/fuzz-answers.ts";
import { configurationSubject } from "./support/fuzz-configurations.ts";
import { heartbeatSubject, serverSubjects } from "./support/fuzz-requests.ts";
import type { FuzzSubject } from "./support/fuzz-subject.ts";
import { Watchdog } from "./support/watchdog.ts";
import { markdownTable, type Results } from "./support/write-results.ts";

export interface FuzzOptions {
  /** So many cases for each subject. */
  readonly cases: number;
  /** Of the first subject; the others get the next ones. Default: another one each time. */
  readonly seed?: number | undefined;
}

/** What came of the cases of one subject. */
export interface FuzzOutcome {
  readonly subject: string;
  /** With which the same cases can be made again. */
  readonly seed: number;
  readonly cases: number;
  /** How many of them came to what. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly slowestMilliseconds: number;
  readonly seconds: number;
  /** The smallest case that could not be borne, and what happened; undefined when all could. */
  readonly failure: { readonly example: string; readonly error: string } | undefined;
  /** What nobody caught meanwhile. */
  readonly uncaught: readonly string[];
}

/** Puts everything that takes something from outside to so many cases each. */
export async function fuzz({ cases, seed = randomInt(2 ** 31 - 10) }: FuzzOptions): Promise<readonly FuzzOutcome[]> {
  const subjects: readonly FuzzSubject<unknown>[] = [
    ...(await serverSubjects()).map((subject) => withoutType(subject)),
    withoutType(await configurationSubject()),
    withoutType(await answerSubject()),
    withoutType(await heartbeatSubject()),
  ];
  const outcomes: FuzzOutcome[] = [];
  try {
    for (const [index, subject] of subjects.entries()) outcomes.push(await fuzzOne(subject, cases, seed + index));
  } finally {
    for (const subject of subjects) await subject[Symbol.asyncDispose]();
  }
  return outcomes;
}

/** Each subject is only ever given its own cases. */
function withoutType<Case>(subject: FuzzSubject<Case>): FuzzSubject<unknown> {
  return { ...subject, bear: (one) => subject.bear(one as Case) };
}

async function fuzzOne(subject: FuzzSubject<unknown>, cases: number, seed: number): Promise<FuzzOutcome> {
  const outcomes: Record<string, number> = {};
  const uncaught: string[] = [];
  const note = (error: unknown): void =>
    void uncaught.push(error instanceof Error ? (error.stack ?? "") : String(error));
  let slowestMilliseconds = 0;
  let borne = 0;
  const startedAt = performance.now();
  process.on("unhandledRejection", note).on("uncaughtException", note);
  await using watchdog = new Watchdog(subject.name, `seed ${seed}`);
  try {
    const property = fc.asyncProperty(subject.cases, async (one) => {
      watchdog.begin();
      const beganAt = performance.now();
      const outcome = await subject.bear(one);
      slowestMilliseconds = Math.max(slowestMilliseconds, performance.now() - beganAt);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      borne += 1;
    });
    const details = await fc.check(property, { numRuns: cases, seed });
    const failure = details.failed
      ? { example: JSON.stringify(details.counterexample), error: String(details.errorInstance ?? "no error") }
      : undefined;
    const seconds = (performance.now() - startedAt) / 1000;
    return { subject: subject.name, seed, cases: borne, outcomes, slowestMilliseconds, seconds, failure, uncaught };
  } finally {
    process.off("unhandledRejection", note).off("uncaughtException", note);
  }
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
  const outcomes = await fuzz({ cases });
  return {
    name: "fuzz",
    title: "Fuzz",
    description: [
      `Made up by fast-check: ${cases.toLocaleString("en")} cases each of what comes from outside. Requests go over the network to the`,
      "real server, and answers come over the network to the real check; a configuration is a file that is loaded. The seeds",
      "make the same cases again. A 5xx that is not the health status, an error in the log, an error of another",
      "kind than foreseen, and what takes too long count as failures.",
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
